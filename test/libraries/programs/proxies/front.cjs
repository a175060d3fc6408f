// A front before an upstream, of each kind that is named as argument: asked once by GET and once by POST. Prints what was answered, and the
// port of the upstream.
const { connect } = require('node:net')
const { createServer, request: ask } = require('node:http')
const { once } = require('node:events')
const { pipeline, Readable } = require('node:stream')

const { flushed } = require('../loggers/flushed.cjs')

/** Headers of an answer, without those of one connection. */
function passOn(answer, response) {
  response.statusCode = answer.status
  for (const [name, value] of answer.headers) if (name !== 'transfer-encoding') response.setHeader(name, value)
}

const fetchTarget = (request, target) => fetch(target + request.url, { method: request.method })

/** By name: given the upstream's origin, a listener or a server. */
module.exports.FRONTS = {
  'http-proxy': (target, { 'http-proxy': proxies }) => {
    const proxy = proxies.createProxyServer({ target })
    return (request, response) => proxy.web(request, response)
  },
  'http-proxy-middleware': (target, { 'http-proxy-middleware': { createProxyMiddleware }, express }) =>
    express().use(createProxyMiddleware({ target })),
  httpxy: (target, { httpxy: { createProxyServer } }) => {
    const proxy = createProxyServer({ target })
    return (request, response) => void proxy.web(request, response)
  },
  '@fastify/http-proxy': fastifyProxy({}),
  '@fastify/http-proxy over node:http': fastifyProxy({ http: true }),
  '@fastify/http-proxy to another path': fastifyProxy({ prefix: '/x', rewritePrefix: '/y' }),
  'express-http-proxy': (target, { 'express-http-proxy': proxy, express }) => express().use(proxy(target)),
  'express-http-proxy to another path': (target, { 'express-http-proxy': proxy, express }) =>
    express().use(proxy(target, { proxyReqPathResolver: () => '/y', userResDecorator: (answer, body) => body })),
  'by hand, piped back': (target) => (request, response) => {
    request.resume()
    ask(target + request.url, { method: request.method }, (answer) => {
      response.writeHead(answer.statusCode)
      pipeline(answer, response, () => {})
    }).end()
  },
  'by fetch, head passed on': (target) => async (request, response) => {
    const answer = await fetchTarget(request, target)
    passOn(answer, response)
    for await (const piece of answer.body) response.write(piece)
    response.end()
  },
  'by fetch, head written': (target) => async (request, response) => {
    const answer = await fetchTarget(request, target)
    const { 'transfer-encoding': _, ...headers } = Object.fromEntries(answer.headers)
    response.writeHead(answer.status, headers)
    response.end(Buffer.from(await answer.arrayBuffer()))
  },
  'by fetch, body piped': (target) => async (request, response) => {
    const answer = await fetchTarget(request, `${target}/base`)
    response.writeHead(answer.status)
    Readable.fromWeb(answer.body).pipe(response)
  },
  // What is no balancer:
  'a download': (target) => (request, response) => {
    ask(`${target}/store/7`, { method: request.method }, (answer) => answer.pipe(response)).end()
  },
  'a download by fetch': (target) => async (request, response) => {
    const answer = await fetch(`${target}/store/7`, { method: request.method })
    passOn(answer, response)
    Readable.fromWeb(answer.body).pipe(response)
  },
  'a download below a mount': (target, { express }) =>
    express().use('/x', (request, response) => {
      ask(`${target}/store${request.url}`, { method: request.method }, (answer) => answer.pipe(response)).end()
    }),
  'a handler that asks for the same': (target) => async (request, response) => {
    const answer = await fetchTarget(request, target)
    response.end(JSON.stringify({ told: await answer.text() }))
  },
  'a download after a look at the user': (target) => (request, response) => {
    ask(`${target}/user`, (user) => {
      user.resume()
      ask(target + request.url, { method: request.method }, (answer) => answer.pipe(response)).end()
    }).end()
  },
  'an upload': (target) => (request, response) => {
    request.pipe(ask(target + request.url, { method: request.method }, (answer) => response.end(String(answer.statusCode))))
  },
  // It says with TRACELOG_COMPONENT that it is none.
  'a download that mirrors the path': (target) => (request, response) => {
    ask(target + request.url, { method: request.method }, (answer) => answer.pipe(response)).end()
  },
}

/** The first word of a kind is its package; what that needs beside. */
const BESIDE = {
  express: [],
  'http-proxy': [],
  'http-proxy-middleware': ['express'],
  httpxy: [],
  '@fastify/http-proxy': ['fastify'],
  'express-http-proxy': ['express'],
}

function fastifyProxy(options) {
  return async (upstream, { fastify, '@fastify/http-proxy': proxy }) => {
    const app = fastify()
    await app.register(proxy, { upstream, ...options })
    await app.ready()
    return app.server
  }
}

/** @param load  a package by its name */
module.exports.run = async function run(load) {
  const upstream = await listen((request, response) => {
    request.resume().on('end', () => {
      response.setHeader('etag', `"${request.url}"`)
      response.end('from upstream')
    })
  })
  const target = `http://127.0.0.1:${upstream.address().port}`
  const told = { upstream: target.slice('http://'.length), answers: [] }
  let trace = 0
  for (const kind of process.argv.slice(2)) {
    const [name, isDead] = [kind.replace(/^dead /, ''), kind.startsWith('dead ')]
    const libraries = {}
    const first = name === 'a download below a mount' ? 'express' : name.split(' ')[0]
    if (BESIDE[first] !== undefined) for (const one of [first, ...BESIDE[first]]) libraries[one] = await load(one)
    const server = await listen(await module.exports.FRONTS[name](isDead ? 'http://127.0.0.1:1' : target, libraries))
    for (const method of ['GET', 'POST']) {
      const id = String(++trace).padStart(32, '0')
      told.answers.push({ kind, method, trace: id, status: await getStatus(server.address().port, method, id) })
    }
    server.close()
    server.closeAllConnections()
  }
  await flushed()
  process.stdout.write(JSON.stringify(told), () => process.exit())
}

async function listen(front) {
  const server = typeof front === 'function' ? createServer(front) : front
  await once(server.listen(0, '127.0.0.1'), 'listening')
  return server
}

/** By hand: a client of Node's would be a hop of its own. */
async function getStatus(port, method, id) {
  const socket = connect(port, '127.0.0.1')
  const body = method === 'POST' ? ['content-length: 2', '', '{}'] : ['', '']
  const headers = ['host: test', 'connection: close', 'content-type: application/octet-stream', `traceparent: 00-${id}-00000000000000aa-01`]
  socket.write([`${method} /x/1?a=b HTTP/1.1`, ...headers, ...body].join('\r\n'))
  let text = ''
  // Some fronts pass on that the upstream's connection stays.
  for await (const piece of socket) if (isWhole((text += piece))) break
  return Number(text.slice(9, 12))
}

function isWhole(text) {
  const [head, body] = text.split('\r\n\r\n')
  const length = /\r\ncontent-length: (\d+)/i.exec(head)?.[1]
  return body !== undefined && (length === undefined ? text.endsWith('0\r\n\r\n') : body.length >= Number(length))
}
