/** How memcached's objects look, to a callback too: its `this` is the query. */
'use strict'
const { inspect } = require('node:util')
const Memcached = require('memcached')
const utils = require('memcached/lib/utils')

const client = new Memcached(`127.0.0.1:${process.env.MEMCACHED_PORT}`)
const looks = (subject) => {
  const fields = Reflect.ownKeys(subject).map((name) => {
    const { value, ...rest } = Object.getOwnPropertyDescriptor(subject, name)
    return [name, typeof value === 'number' ? 'number' : value, rest]
  })
  console.log(inspect(fields, { depth: 3, maxArrayLength: null }))
}
client.set('looks:1', 'x', 100, function () {
  looks(this)
  client.get('looks:1', function (error, value) {
    looks(this)
    console.log(error, value)
    looks(client)
    looks(Memcached.prototype)
    looks(utils)
    client.end()
  })
})
