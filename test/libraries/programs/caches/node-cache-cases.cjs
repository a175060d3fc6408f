/** What applications do with node-cache, as cases of requests.cjs. */
'use strict'
const runRequests = require('../databases/requests.cjs')

module.exports = async function runNodeCache(NodeCache) {
  const cache = new NodeCache({ checkperiod: 0 })
  const other = new NodeCache({ checkperiod: 0 })
  cache.set('there', { text: 'my secret' })
  other.set('there', 1)
  cache.on('expired', () => {})

  const pause = () => new Promise((resolve) => setTimeout(resolve, 5))
  const cases = {
    hit(say) {
      say(`read ${Object.keys(cache.get('there'))}`)
    },
    miss(say) {
      say(`read ${cache.get('missing')}`)
    },
    several(say) {
      say(`read ${Object.keys(cache.mget(['missing', 'there']))} ${other.get('there')} ${cache.take('nothing')}`)
    },
    writes(say) {
      cache.set('own', 1)
      say(`has ${cache.has('own')} ${cache.del('own')} ${cache instanceof NodeCache} ${{} instanceof NodeCache}`)
    },
    async hitsA(say) {
      cache.get('there')
      await pause()
      cache.get('there')
      say('afterwards')
    },
    async missesB(say) {
      cache.get('missing')
      await pause()
      cache.get('missing')
      say('afterwards')
    },
  }
  await runRequests(cases, ['hitsA', 'missesB'])
}
