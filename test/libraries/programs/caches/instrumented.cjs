/** As an application in CommonJS has them; which ones there are differs between the sets. */
'use strict'
const run = require('./instrumented-cases.cjs')

module.exports = main(process.env.CACHES.split(','))

async function main(names) {
  const { instrumentCache } = await import(process.env.TRACELOG_API)
  const caches = {}
  for (const name of names) caches[name] = await MAKERS[name]()
  await run(caches, instrumentCache)
}

const MAKERS = {
  keyv() {
    const keyv = require('keyv')
    return new (keyv.Keyv ?? keyv)()
  },
  keyvOnRedis() {
    const { Keyv } = require('keyv')
    const { default: KeyvRedis } = require('@keyv/redis')
    return new Keyv(new KeyvRedis(process.env.REDIS_URL))
  },
  cacheable: () => new (require('cacheable').Cacheable)(),
  async manager() {
    const { createCache, caching } = require('cache-manager')
    return caching ? caching('memory') : createCache()
  },
  lru: () => new (require('lru-cache').LRUCache)({ max: 10, fetchMethod: async (key) => `${key} loaded` }),
  nodeCache: () => new (require('node-cache'))({ checkperiod: 0 }),
}
