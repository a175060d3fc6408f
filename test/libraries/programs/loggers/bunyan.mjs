import bunyan from 'bunyan'

import { run } from './calls.cjs'
import { adapterOf } from './bunyan-adapter.cjs'

await run(adapterOf(bunyan))
