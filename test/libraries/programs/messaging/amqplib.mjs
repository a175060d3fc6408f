import { createRequire } from 'node:module'

import * as amqplib from 'amqplib'

import app from './amqplib-app.cjs'

// Older versions have no `exports`, so that the import needs an extension which newer ones do not give.
await app.run(amqplib, createRequire(import.meta.url)('amqplib/callback_api'))
