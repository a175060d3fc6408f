import * as kafkajs from 'kafkajs'

import app from './kafkajs-app.cjs'

await app.run(kafkajs.default)
