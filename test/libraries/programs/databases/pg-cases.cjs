/** What applications do with pg, as cases of requests.cjs. */
'use strict'
const runRequests = require('./requests.cjs')

module.exports = async function runPg(pg, streams) {
  const { PGHOST: host, PGPORT, DEAD_PORT } = process.env
  const place = { host, port: Number(PGPORT), user: 'test', database: 'postgres' }
  const pool = new pg.Pool({ ...place, max: 2 })
  const single = new pg.Pool({ ...place, max: 1 })
  const client = new pg.Client(place)
  await client.connect()
  await client.query('DROP TABLE IF EXISTS orders')
  await client.query('CREATE TABLE orders (id int, mail text)')
  await client.query("INSERT INTO orders VALUES (1, 'ann@shop.test'), (2, 'bob@shop.test')")

  const waits = async (say) => {
    await new Promise((resolve, reject) => {
      single.connect((error, mine, done) => {
        if (error) return reject(error)
        say('connected')
        mine.query('SELECT pg_sleep(0.02)', (failure) => {
          say('slept')
          done()
          say('released')
          if (failure) reject(failure)
          else resolve()
        })
      })
    })
    await single.query('SELECT id FROM orders')
    say('afterwards')
  }

  const cases = {
    async promise(say) {
      await pool.query('SELECT mail FROM orders WHERE id = $1', [1])
      say('afterwards')
    },
    callback: (say) =>
      new Promise((resolve) => {
        client.query("SELECT mail FROM orders WHERE mail = 'ann@shop.test' -- ann\n AND id = $1", [1], (error, { rows }) => {
          say(`called back ${rows.length}`)
          setTimeout(() => {
            say('timer')
            resolve()
          }, 1)
        })
      }),
    async prepared(say) {
      const statement = { name: 'one', text: 'UPDATE orders SET mail = $2 WHERE id = $1' }
      for (const id of [1, 2]) await client.query({ ...statement, values: [id, 'x@shop.test'] })
      say('afterwards')
    },
    async transaction() {
      const mine = await pool.connect()
      await mine.query('BEGIN')
      await mine.query('DELETE FROM orders WHERE id = 2')
      await mine.query('ROLLBACK')
      mine.release()
    },
    async error(say) {
      await pool.query('SELECT * FROM nowhere').catch(({ code }) => say(`caught ${code}`))
      await pool.query('SELECT $1::int', ['my secret']).catch(({ code }) => say(`caught ${code}`))
    },
    errorCallback: (say) =>
      new Promise((resolve) => {
        client.query("SELECT 'a", (error) => {
          say(`called back ${error.code}`)
          resolve()
        })
      }),
    async events(say) {
      const query = client.query(new pg.Query('SELECT id FROM orders ORDER BY id'))
      query.on('row', ({ id }) => say(`row ${id}`))
      await new Promise((resolve) => query.on('end', resolve))
    },
    async refused(say) {
      const dead = new pg.Pool({ ...place, port: Number(DEAD_PORT) })
      await dead.query('SELECT 1').catch(({ code }) => say(`caught ${code}`))
    },
    async noDatabase(say) {
      const none = new pg.Client({ ...place, database: 'none' })
      none.on('error', () => {})
      await none.connect().catch(({ code }) => say(`caught ${code}`))
    },
    async killed(say) {
      const mine = new pg.Client(place)
      mine.on('error', () => {})
      await mine.connect()
      await mine.query('SELECT pg_terminate_backend(pg_backend_pid())').catch(({ code }) => say(`caught ${code}`))
      await new Promise((resolve) => mine.once('end', resolve))
      await mine.query('SELECT 2').catch(() => say('caught'))
    },
    waitsA: waits,
    waitsB: waits,
    waitsC: waits,
  }
  if (streams !== undefined) {
    const { Cursor, QueryStream } = streams
    cases.stream = async (say) => {
      let rows = 0
      for await (const row of client.query(new QueryStream('SELECT n FROM generate_series(1, 250) n', []))) rows += row.n > 0
      say(`read ${rows}`)
    }
    cases.cursor = async (say) => {
      const cursor = client.query(new Cursor('SELECT id FROM orders WHERE id > $1', [0]))
      await new Promise((resolve) => {
        cursor.read(1, (error, rows) => {
          say(`read ${rows.length}`)
          resolve()
        })
      })
      await cursor.close()
      const bad = client.query(new Cursor('SELECT id FROM nowhere', []))
      await bad.read(1).catch(({ code }) => say(`caught ${code}`))
    }
  }
  await runRequests(cases, ['waitsA', 'waitsB', 'waitsC'])
  await Promise.all([pool.end(), single.end(), client.end()])
}
