import * as jetstream from '@nats-io/jetstream'
import * as transport from '@nats-io/transport-node'

import app from './nats-app.cjs'

await app.run(transport, jetstream)
