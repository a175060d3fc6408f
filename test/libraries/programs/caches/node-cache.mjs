import NodeCache from 'node-cache'

import runNodeCache from './node-cache-cases.cjs'

await runNodeCache(NodeCache)
