/** How pg's objects look to who prints them. No server is needed. */
'use strict'
const { inspect } = require('node:util')
const pg = require('pg')

const client = new pg.Client({ host: '127.0.0.1', port: 1 })
const pool = new pg.Pool({ host: '127.0.0.1', port: 1 })
const query = new pg.Query('SELECT 1', [], () => {})
client.query('SELECT 1', () => {})
for (const each of [client, pool, query]) {
  console.log(inspect(each, { depth: 4 }), Object.keys(each), JSON.stringify(Object.getOwnPropertyNames(each)))
}
const prototypes = [pg.Client, pg.Query, pg.Pool].map(({ prototype }) => prototype)
for (const prototype of prototypes) console.log(Object.keys(prototype))
