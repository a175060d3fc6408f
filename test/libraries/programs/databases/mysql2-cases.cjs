/** What applications do with mysql2, as cases of requests.cjs. */
'use strict'
const runRequests = require('./requests.cjs')

module.exports = async function runMysql(mysql, promised) {
  const place = { host: '127.0.0.1', port: Number(process.env.MYSQL_PORT), user: 'root' }
  const first = await promised.createConnection(place)
  await first.query('DROP DATABASE IF EXISTS shop')
  await first.query('CREATE DATABASE shop')
  await first.query('CREATE TABLE shop.orders (id int PRIMARY KEY, mail text)')
  await first.end()
  const inShop = { ...place, database: 'shop' }
  const pool = mysql.createPool({ ...inShop, connectionLimit: 2 })
  const single = mysql.createPool({ ...inShop, connectionLimit: 1 })
  const promisedPool = promised.createPool({ ...inShop, connectionLimit: 2 })
  const connection = mysql.createConnection(inShop)

  const waits = (say) =>
    new Promise((resolve, reject) => {
      single.getConnection((error, mine) => {
        if (error) return reject(error)
        say('connected')
        mine.query('SELECT SLEEP(0.02)', (failure) => {
          say('slept')
          mine.release()
          say('released')
          if (failure) return reject(failure)
          single.query('SELECT id FROM orders', () => {
            say('afterwards')
            resolve()
          })
        })
      })
    })

  const cases = {
    async promise(say) {
      await promisedPool.query('INSERT INTO orders VALUES (?, ?)', [1, "o'ann@shop.test"])
      say('afterwards')
    },
    async prepared(say) {
      const [rows] = await promisedPool.execute('SELECT mail FROM orders WHERE id = ?', [1])
      say(`afterwards ${rows.length}`)
    },
    callback: (say) =>
      new Promise((resolve) => {
        pool.query('SELECT mail FROM orders WHERE mail <> ?', ['ann@shop.test'], (error, rows) => {
          say(`called back ${rows.length}`)
          setTimeout(() => {
            say('timer')
            resolve()
          }, 1)
        })
      }),
    executed: (say) =>
      new Promise((resolve) => {
        connection.execute('UPDATE orders SET mail = ? WHERE id = ?', ['x@shop.test', 1], () => {
          say('called back')
          resolve()
        })
      }),
    async events(say) {
      const query = connection.query('SELECT id FROM orders')
      await new Promise((resolve) => query.on('end', resolve))
      say('ended')
    },
    async error(say) {
      await promisedPool.query('SELECT * FROM nowhere').catch(({ code }) => say(`caught ${code}`))
      await promisedPool.query("INSERT INTO orders VALUES (1, 'my secret')").catch(({ code }) => say(`caught ${code}`))
    },
    errorCallback: (say) =>
      new Promise((resolve) => {
        connection.query('SELECT', ({ code }) => {
          say(`called back ${code}`)
          resolve()
        })
      }),
    async refused(say) {
      const dead = promised.createPool({ ...inShop, port: Number(process.env.DEAD_PORT) })
      await dead.query('SELECT 1').catch(({ code }) => say(`caught ${code}`))
      await dead.end()
    },
    waitsA: waits,
    waitsB: waits,
    waitsC: waits,
  }
  await runRequests(cases, ['waitsA', 'waitsB', 'waitsC'])
  await promisedPool.end()
  for (const each of [pool, single, connection]) await new Promise((resolve) => each.end(resolve))
}
