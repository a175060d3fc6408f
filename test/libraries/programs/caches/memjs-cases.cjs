/** What applications do with memjs, as cases of requests.cjs. */
'use strict'
const runRequests = require('../databases/requests.cjs')

module.exports = async function runMemjs({ Client }) {
  const { MEMCACHED_PORT, DEAD_PORT } = process.env
  const quiet = { logger: { log() {} }, timeout: 10 }
  const client = Client.create(`127.0.0.1:${MEMCACHED_PORT}`, { ...quiet })
  const dead = Client.create(`127.0.0.1:${DEAD_PORT}`, { ...quiet, retries: 2, retry_delay: 0.01 })
  const asleep = Client.create(`127.0.0.1:${DEAD_PORT}`, { ...quiet, retries: 1, failover: true })
  await client.set('there:1', 'my secret', {})

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

  const cases = {
    async promise(say) {
      const { value: nothing } = await client.get('missing:1')
      say(`read ${nothing}`)
      await client.set('user:1', 'my secret', {})
      const { value } = await client.get('user:1')
      say(`read ${value.length}`)
    },
    callback: (say) =>
      new Promise((resolve) => {
        client.get('there:1', (error, value) => {
          say(`called back ${value.length}`)
          setTimeout(() => {
            say('timer')
            resolve()
          }, 1)
        })
      }),
    async bound(say) {
      const [get, set] = [client.get.bind(client), client.set.bind(client)]
      await new Promise((resolve) => {
        set('bound:1', 'x', {}, () => get('bound:1', resolve))
      })
      say('afterwards')
    },
    async writes(say) {
      const made = [
        await client.add('w:1', '1', {}),
        await client.add('w:1', '1', {}),
        await client.replace('none:1', '1', {}),
        (await client.increment('w:1', 2, {})).value,
        (await client.decrement('w:1', 1, {})).value,
        await client.append('w:1', '0'),
        await client.touch('w:1', 100),
        await client.delete('w:1'),
        await client.delete('w:1'),
      ]
      say(`made ${made}`)
    },
    async refusedByIt(say) {
      await client.increment('there:1', 1, {}).catch(() => say('caught'))
    },
    dead: (say) =>
      new Promise((resolve) => {
        dead.get('there:1', (error) => {
          say(`called back ${error.code}`)
          resolve()
        })
      }),
    async deadPromise(say) {
      await dead.set('there:1', '1', {}).catch(({ code }) => say(`caught ${code}`))
    },
    async asleep(say) {
      for (const _ of [1, 2]) await asleep.get('there:1').catch(({ message }) => say(message))
    },
    waitsA: waits,
    waitsB: waits,
    waitsC: waits,
  }
  await runRequests(cases, ['waitsA', 'waitsB', 'waitsC'])
  for (const each of [client, dead, asleep]) each.close()
}
