/** Caches that an application hands over with instrumentCache, as cases of requests.cjs: two look-ups each, the second one a miss. */
'use strict'
const runRequests = require('../databases/requests.cjs')

/**
 * @param caches  by name
 * @param instrumentCache  of @org/tracelog
 */
module.exports = async function runInstrumented(caches, instrumentCache) {
  const undo = Object.entries(caches).map(([name, cache]) => instrumentCache(cache, name))
  const cases = Object.fromEntries(
    Object.entries(caches).map(([name, cache]) => [
      name,
      async (say) => {
        await cache.set('there', { text: 'my secret' })
        say(`read ${(await cache.get('there')).text.length} ${await cache.get('missing')}`)
      },
    ]),
  )
  const { manager, lru, keyv, cacheable } = caches
  if (manager)
    cases.wrap = async (say) => {
      const load = async () => 'loaded'
      say(`wrapped ${await manager.wrap('new', load)} ${await manager.wrap('new', load)}`)
    }
  if (lru)
    cases.fetch = async (say) => {
      say(`fetched ${await lru.fetch('new')} ${await lru.fetch('new')}`)
    }
  if (keyv)
    cases.many = async (say) => {
      const many = keyv.getMany ? await keyv.getMany(['there', 'missing']) : await keyv.get(['there', 'missing'])
      say(`read ${many.length}`)
    }
  if (cacheable)
    cases.getOrSet = async (say) => {
      const load = async () => 'loaded'
      say(`got ${await cacheable.getOrSet('new', load)} ${await cacheable.getOrSet('new', load)}`)
    }
  await runRequests(cases)
  for (const step of undo) step()
  for (const [name, cache] of Object.entries(caches)) {
    if (Object.getOwnPropertyNames(cache).some((key) => require('node:util').types.isProxy(cache[key])))
      console.log(`${name} is not as before`)
    await cache.disconnect?.()
  }
}
