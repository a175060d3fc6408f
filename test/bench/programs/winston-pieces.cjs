// A server whose requests log lines in pieces: GET /lines 100 infos with five fields, GET /off 10,000 debugs that nobody takes,
// GET /none neither.
const http = require('node:http')
const { Writable } = require('node:stream')
const winston = require('winston')

const nowhere = new Writable({ write: (_c, _e, done) => done(), writev: (_c, done) => done() })
const logger = winston.createLogger({
  level: 'info',
  format: winston.format.json(),
  transports: [new winston.transports.Stream({ stream: nowhere })],
})
let logged = 0
const pieces = {
  '/lines': () => {
    for (let i = 0; i < 100; i++) {
      logger.info(`item ${logged} read`, {
        'http.request.method': 'GET',
        'url.path': '/items/1',
        'user.id': logged++,
        'cache.hit': true,
        tenant: 'acme',
      })
    }
  },
  '/off': () => {
    for (let i = 0; i < 10_000; i++) logger.debug('item read', { tenant: 'acme' })
  },
  '/none': () => {},
}
const server = http.createServer((request, response) => {
  pieces[request.url]()
  response.setHeader('content-type', 'application/json')
  response.end('{"ok":true}')
})
server.keepAliveTimeout = 60_000
server.listen(0, '127.0.0.1', () => process.send(server.address().port))
process.on('disconnect', () => process.exit(0))
