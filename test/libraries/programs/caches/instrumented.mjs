/** The same from modules, whose caches no hook sees. */
import { Cacheable } from 'cacheable'
import { createCache } from 'cache-manager'
import { Keyv } from 'keyv'
import { LRUCache } from 'lru-cache'
import NodeCache from 'node-cache'

import run from './instrumented-cases.cjs'

const { instrumentCache } = await import(process.env.TRACELOG_API)
await run(
  {
    keyv: new Keyv(),
    cacheable: new Cacheable(),
    manager: createCache(),
    lru: new LRUCache({ max: 10, fetchMethod: async (key) => `${key} loaded` }),
    nodeCache: new NodeCache({ checkperiod: 0 }),
  },
  instrumentCache,
)
