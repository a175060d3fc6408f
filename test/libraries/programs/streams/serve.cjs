// fastify and koa with bodies that take their time: a stream, server-sent events that the client reads to their end, that it leaves, and a
// websocket that stays open. Prints `open <what>` when the client has the beginning; each ends when the client has said so.
const { connect } = require('node:net')
const { createServer } = require('node:http')
const { once } = require('node:events')
const { PassThrough, Readable } = require('node:stream')
const { setTimeout: later } = require('node:timers/promises')

const EVENTS = { 'content-type': 'text/event-stream' }

async function* pieces(count) {
  for (let at = 0; at < count; at++) {
    yield `data: ${at}\n\n`
    await later(5)
  }
}

/** Events for as long as the client stays. */
function endless() {
  const body = new PassThrough()
  const timer = setInterval(() => body.write('data: 1\n\n'), 5)
  body.on('close', () => clearInterval(timer))
  return body
}

const APPLICATIONS = {
  async fastify(load) {
    const app = load('fastify')()
    app.get('/stream/:id', (request, reply) => reply.send(Readable.from(pieces(5))))
    app.get('/events/:id', (request, reply) => {
      reply.hijack()
      reply.raw.writeHead(200, EVENTS)
      Readable.from(pieces(5)).pipe(reply.raw)
    })
    app.get('/endless/:id', (request, reply) => reply.headers(EVENTS).send(endless()))
    await app.ready()
    return app.server
  },
  koa(load) {
    const Koa = load('koa')
    const Router = load('@koa/router')
    const routes = new Router()
    routes.get('/stream/:id', (ctx) => {
      ctx.body = Readable.from(pieces(5))
    })
    routes.get('/events/:id', (ctx) => {
      ctx.set(EVENTS)
      ctx.body = Readable.from(pieces(5))
    })
    routes.get('/endless/:id', (ctx) => {
      ctx.set(EVENTS)
      ctx.body = endless()
    })
    const app = new Koa()
    // What a client that leaves makes of a stream is printed by koa otherwise.
    app.on('error', () => {})
    app.use(routes.routes())
    return createServer(app.callback())
  },
}

module.exports = async function serve(load) {
  const { WebSocketServer, WebSocket } = load('ws')
  for (const [name, build] of Object.entries(APPLICATIONS)) {
    const server = await build(load)
    const sockets = new WebSocketServer({ server, path: '/socket' })
    sockets.on('connection', (socket) => socket.on('message', (text) => socket.send(text)))
    await once(server.listen(0, '127.0.0.1'), 'listening')
    const { port } = server.address()
    await read(port, `/stream/${name}`)
    await read(port, `/events/${name}`)
    const gone = once(server, 'gone')
    server.on('request', (request, response) => response.on('close', () => server.emit('gone')))
    await leave(port, `/endless/${name}`)
    await gone
    const client = new WebSocket(`ws://127.0.0.1:${port}/socket`, { headers: { 'user-agent': name } })
    await once(client, 'open')
    for (const text of ['one', 'two']) {
      client.send(text)
      await once(client, 'message')
    }
    client.close()
    await once(client, 'close')
    server.close()
    server.closeAllConnections()
  }
}

function begin(port, path) {
  const socket = connect(port, '127.0.0.1')
  socket.write(`GET ${path} HTTP/1.1\r\nhost: test\r\nconnection: close\r\n\r\n`)
  return socket
}

async function read(port, path) {
  await once(begin(port, path).resume(), 'close')
}

async function leave(port, path) {
  const socket = begin(port, path)
  await once(socket, 'data')
  socket.destroy()
}
