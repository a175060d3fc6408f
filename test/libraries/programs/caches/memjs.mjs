import memjs from 'memjs'

import runMemjs from './memjs-cases.cjs'

await runMemjs(memjs)
