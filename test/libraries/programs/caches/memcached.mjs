import Memcached from 'memcached'

import runMemcached from './memcached-cases.cjs'

await runMemcached(Memcached)
