import * as bullmq from 'bullmq'

import app from './bullmq-app.cjs'

await app.run(bullmq)
