// A front that passes its caller's headers on, by the way that the path names, and answers with the grant that has arrived upstream.
// With `?own=` it sends one of its own; with `?late=1` it asks when it has answered, and `/late` tells what has arrived then.
const http = require('node:http')
const http2 = require('node:http2')
const { once } = require('node:events')

const grpc = require('@grpc/grpc-js')
const httpProxy = require('http-proxy')
const { createProxyMiddleware } = require('http-proxy-middleware')
const undici = require('undici')

const NAME = 'tracelog-return'
const plain = { serialize: (value) => Buffer.from(value), deserialize: String }
const SAY = {
  path: '/test.Greeter/Say',
  requestStream: false,
  responseStream: false,
  requestSerialize: plain.serialize,
  requestDeserialize: plain.deserialize,
  responseSerialize: plain.serialize,
  responseDeserialize: plain.deserialize,
}

async function listen(server) {
  await once(server.listen(0, '127.0.0.1'), 'listening')
  return server.address().port
}

async function main() {
  const echo = (request, response) => response.end(String(request.headers[NAME]))
  const target = `http://127.0.0.1:${await listen(http.createServer(echo))}`
  const target2 = `http://127.0.0.1:${await listen(http2.createServer(echo))}`
  const served = new grpc.Server()
  served.addService({ say: SAY }, { say: ({ metadata }, done) => done(null, String(metadata.get(NAME)[0])) })
  const bound = await new Promise((resolve, reject) =>
    served.bindAsync('127.0.0.1:0', grpc.ServerCredentials.createInsecure(), (error, port) => (error ? reject(error) : resolve(port))),
  )
  const Greeter = grpc.makeGenericClientConstructor({ say: SAY }, 'test.Greeter')
  const greeter = new Greeter(`127.0.0.1:${bound}`, grpc.credentials.createInsecure())
  const session = http2.connect(target2)
  const proxy = httpProxy.createProxyServer({ target })
  const middleware = createProxyMiddleware({ target })

  /** By name: given the headers to send, what has arrived. */
  const WAYS = {
    http: (headers) => byHttp(target, headers),
    'http-list': (headers) => byHttp(target, Object.entries(headers).flat()),
    fetch: async (headers) => (await fetch(target, { headers: { [NAME]: headers[NAME] } })).text(),
    undici: async (headers) => (await undici.request(target, { headers })).body.text(),
    'undici-list': async (headers) => (await undici.request(target, { headers: Object.entries(headers).flat() })).body.text(),
    'undici-http2': async (headers) => {
      const client = new undici.Client(target2, { allowH2: true, useH2c: true })
      const { body } = await client.request({ method: 'GET', path: '/', headers: { [NAME]: headers[NAME] } })
      const text = await body.text()
      await client.close()
      return text
    },
    http2: async (headers) => {
      const stream = session.request({ ':path': '/', [NAME]: headers[NAME] })
      let text = ''
      for await (const piece of stream.setEncoding('utf8')) text += piece
      return text
    },
    grpc: (headers) => {
      const metadata = new grpc.Metadata()
      metadata.set(NAME, headers[NAME])
      return new Promise((resolve, reject) =>
        greeter.say('x', metadata, (error, said) => (error ? reject(error) : resolve(said))),
      )
    },
  }
  let late
  const front = http.createServer((request, response) => {
    const url = new URL(request.url, 'http://front')
    const [, way] = url.pathname.split('/').slice(url.pathname.startsWith('/quiet/') ? 1 : 0)
    const own = url.searchParams.get('own')
    if (own !== null) request.headers[NAME] = own
    if (way === 'http-proxy') return proxy.web(request, response)
    if (way === 'http-proxy-middleware') return middleware(request, response)
    if (way === 'late') return void late.then((text) => response.end(text))
    const { connection, host, ...headers } = request.headers
    const ask = () => WAYS[way](headers).catch((error) => `failed: ${error}`)
    if (!url.searchParams.has('late')) return void ask().then((text) => response.end(text))
    const closed = once(response, 'close')
    late = closed.then(() => new Promise((resolve) => setTimeout(() => resolve(ask()), 20)))
    response.end()
  })
  process.stdout.write(`PORT ${await listen(front)}\n`)
}

function byHttp(target, headers) {
  return new Promise((resolve, reject) => {
    const given = Array.isArray(headers) ? [...headers, 'host', new URL(target).host] : headers
    const sent = http.request(target, { headers: given }, async (answer) => {
      let text = ''
      for await (const piece of answer.setEncoding('utf8')) text += piece
      resolve(text)
    })
    sent.on('error', reject)
    sent.end()
  })
}

void main()
