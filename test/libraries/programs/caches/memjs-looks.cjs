/** How memjs's objects look. */
'use strict'
const { inspect } = require('node:util')
const { Client, Server } = require('memjs')

const client = Client.create(`127.0.0.1:${process.env.MEMCACHED_PORT}`, { timeout: 10 })
const looks = (subject) => {
  const listed = []
  for (const name in subject) listed.push(name)
  console.log(inspect({ listed, own: Reflect.ownKeys(subject) }, { maxArrayLength: null }))
}
client.get('missing:1', (error, value) => {
  looks(client)
  looks(client.servers[0])
  looks(Client.prototype)
  looks(Server.prototype)
  console.log(error, value, [client.server, client.servers[0].respond].map((method) => method.toString().length))
  client.close()
})
