import * as nats from 'nats'

import app from './nats-app.cjs'

await app.run(nats)
