import bunyan from 'bunyan'

import run from './bunyan-cases.cjs'

await run(bunyan)
