/**
 * What applications do with keyv, cacheable and cache-manager, as cases of requests.cjs. Values are given and taken as without us, listeners
 * and handlers are the application's own.
 */
'use strict'
const { inspect } = require('node:util')
const runRequests = require('../databases/requests.cjs')

module.exports = async function runKeyv({ Keyv, Cacheable, createCache }) {
  const keyv = new Keyv()
  const heard = new Keyv({ stats: true })
  const manager = createCache?.()
  const cacheable = Cacheable && new Cacheable()
  const told = []
  heard.hooks.addHandler?.('postGet', () => told.push(new Error('told').stack))
  for (const event of ['stat:hit', 'stat:miss']) heard.on(event, () => told.push(new Error('told').stack))
  for (const cache of [keyv, heard, manager, cacheable]) await cache?.set('there', { text: 'my secret' })
  const looks = () => inspect([keyv, heard].map(fieldsOf))
  const before = looks()

  const pause = () => new Promise((resolve) => setTimeout(resolve, 5))
  const cases = {
    async hit(say) {
      say(`read ${(await keyv.get('there')).text.length}`)
    },
    async miss(say) {
      say(`read ${await keyv.get('missing')}`)
    },
    async many(say) {
      const [there, missing] = await keyv.getMany(['there', 'missing'])
      say(`read ${Object.keys(there)} ${missing}`)
    },
    async heardByOthers(say) {
      await heard.get('there')
      await heard.get('missing')
      const ours = told.filter((stack) => /dist[\\/]engine/.test(stack)).length
      say(`told ${told.length} times, ${ours} of them by us, ${heard.stats.hits} ${heard.stats.misses}`)
    },
    async writes(say) {
      await keyv.set('own', 1)
      say(`deleted ${await keyv.delete('own')}`)
    },
    async cacheable(say) {
      say(`read ${Object.keys((await cacheable?.get('there')) ?? {})} ${await cacheable?.get('missing')}`)
    },
    async manager(say) {
      say(`read ${Object.keys((await manager?.get('there')) ?? {})} ${await manager?.get('missing')}`)
    },
    async hitsA(say) {
      await keyv.get('there')
      await pause()
      await keyv.get('there')
      say('afterwards')
    },
    async missesB(say) {
      await keyv.get('missing')
      await pause()
      await keyv.get('missing')
      say('afterwards')
    },
  }
  await runRequests(cases, ['hitsA', 'missesB'])
  if (looks() !== before) console.log(`looks changed from ${before} to ${looks()}`)
}

/** Its own keys, and which kind of property each is. */
function fieldsOf(subject) {
  return Object.entries(Object.getOwnPropertyDescriptors(subject)).map(([name, { value: _, ...rest }]) => [name, rest])
}
