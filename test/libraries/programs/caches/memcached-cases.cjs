/** What applications do with memcached, as cases of requests.cjs. */
'use strict'
const { promisify } = require('node:util')
const runRequests = require('../databases/requests.cjs')

module.exports = async function runMemcached(Memcached) {
  const { MEMCACHED_PORT, SECOND_PORT, DEAD_PORT } = process.env
  const place = `127.0.0.1:${MEMCACHED_PORT}`
  // Its timers would keep the process alive for minutes.
  const short = { retries: 0, retry: 10, failuresTimeout: 10, reconnect: 10 }
  const client = new Memcached(place, { ...short, namespace: 'app:' })
  const single = new Memcached(place, { ...short, poolSize: 1, maxKeySize: 1000 })
  const both = new Memcached([place, `127.0.0.1:${SECOND_PORT}`], short)
  const dead = new Memcached(`127.0.0.1:${DEAD_PORT}`, short)
  const call = (method, ...args) => promisify(client[method].bind(client))(...args)
  await call('set', 'there:1', 'my secret', 100)
  await call('set', 'there:2', { text: 'my secret' }, 100)

  const waits = (say) =>
    new Promise((resolve) => {
      client.get('there:1', () => {
        say('called back')
        setTimeout(() => {
          client.get('missing:1', () => {
            say('called back again')
            resolve()
          })
        }, 5)
      })
    })
  const keys = Array.from({ length: 40 }, (_, index) => `both:${index}`)

  const cases = {
    async reads(say) {
      say(`read ${await call('get', 'missing:1')}`)
      await call('set', 'user:1', 'my secret', 100)
      say(`read ${(await call('get', 'user:1')).length}`)
      say(`read ${Object.keys(await call('gets', 'user:1'))}`)
    },
    async multi(say) {
      const found = await call('getMulti', ['there:1', 'missing:1', 'there:2'])
      say(`read ${Object.keys(found)}`)
      say(`read ${Object.keys(await call('get', ['missing:1', 'missing:2']))}`)
    },
    callback: (say) =>
      new Promise((resolve) => {
        client.get('there:1', function (error, value) {
          say(`called back ${value.length} ${Object.keys(this)}`)
          setTimeout(() => {
            say('timer')
            resolve()
          }, 1)
        })
      }),
    async writes(say) {
      const made = [
        await call('add', 'w:1', 1, 100),
        await call('add', 'w:1', 1, 100).catch(({ notStored }) => notStored),
        await call('replace', 'w:1', 5, 100),
        await call('append', 'w:1', '0'),
        await call('prepend', 'w:1', '1'),
        await call('incr', 'w:1', 2),
        await call('decr', 'w:1', 1),
        await call('touch', 'w:1', 100),
        await call('cas', 'w:1', 'x', '0', 100),
        await call('del', 'w:1'),
        await call('del', 'w:1'),
      ]
      say(`made ${made}`)
    },
    async several(say) {
      const set = promisify(both.set.bind(both))
      for (const key of keys) await set(key, '1', 100)
      say(`read ${Object.keys(await promisify(both.getMulti.bind(both))(keys)).length}`)
    },
    refusedByIt: (say) =>
      new Promise((resolve) => {
        single.get('k'.repeat(300), (error) => {
          say(`called back ${error instanceof Error}`)
          resolve()
        })
      }),
    dead: (say) =>
      new Promise((resolve) => {
        dead.get('there:1', (error) => {
          say(`called back ${error.code}`)
          dead.set('there:1', '1', 100, ({ message }) => {
            say(message.split(' ').at(-1))
            resolve()
          })
        })
      }),
    wrong: (say) =>
      new Promise((resolve) => {
        client.get('with space', () => setImmediate(() => {
          say('called back')
          resolve()
        }))
      }),
    waitsA: waits,
    waitsB: waits,
    waitsC: waits,
  }
  await runRequests(cases, ['waitsA', 'waitsB', 'waitsC'])
  for (const each of [client, single, both, dead]) each.end()
}
