import * as nats from 'nats'

import app from './nats-app.cjs'

// The oldest has no consumers.
const stream = { jetstream: (nc) => nc.jetstream(), jetstreamManager: (nc) => nc.jetstreamManager() }
await app.run(nats, process.env.STREAMS === 'on' ? stream : undefined)
