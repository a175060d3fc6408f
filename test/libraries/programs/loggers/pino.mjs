import pino, { multistream, pino as named } from 'pino'

import { run } from './calls.cjs'
import { adapterOf } from './pino-adapter.cjs'

if (named !== pino || multistream !== pino.multistream) throw new Error('names and default differ')
await run(adapterOf(named))
