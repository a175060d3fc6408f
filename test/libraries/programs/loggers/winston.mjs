import winston, { createLogger } from 'winston'

import { run } from './calls.cjs'
import { adapterOf } from './winston-adapter.cjs'

if (createLogger !== winston.createLogger) throw new Error('names and default differ')
await run(adapterOf(winston))
