// A server whose lines may be returned: `/work` logs five lines, `/flood?n=` tells its caller n lines of 1,000 characters, `/hello` nothing.
// With `tracelog` as argument its streams are below /streams; who asks is who the Authorization says.
const http = require('node:http')
const { Writable } = require('node:stream')
const winston = require('winston')

const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() })
const logger = winston.createLogger({
  format: winston.format.json(),
  transports: [new winston.transports.Stream({ stream: nowhere })],
})
const { returnHandler, tellCaller } = process.argv[2] === 'tracelog' ? require('@org/tracelog') : {}
const streams = returnHandler?.({
  authorize: ({ headers }) => ({ sub: headers.authorization, scopes: ['logs:all', 'console'], level: 'info' }),
})
const text = 'a line of what happened, '.repeat(40)

async function answer(request, response) {
  const [path, query = ''] = request.url.split('?')
  if (path.startsWith('/streams')) return streams(request, response)
  if (path === '/work')
    for (let line = 0; line < 5; line++) logger.info('item read', { item: line, tenant: 'acme', price: 12.5 })
  if (path === '/flood') {
    for (let line = 0; line < Number(query.slice(2)); line++) {
      tellCaller(text, { line })
      if (line % 20 === 0) await new Promise((resolve) => setImmediate(resolve))
    }
  }
  response.end('{"ok":true}')
}

const server = http.createServer((request, response) => void answer(request, response))
server.keepAliveTimeout = 60_000
server.listen(0, '127.0.0.1', () => process.send(server.address().port))
process.on('disconnect', () => process.exit(0))
