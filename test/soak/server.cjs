// A shop under the soak: 20 debug lines and an info line per request, `/fail/KIND` fails. Its parent asks for its numbers by `stats`, and
// by `flush` when all is sent.
const http = require('node:http')
const { monitorEventLoopDelay } = require('node:perf_hooks')
const { Writable } = require('node:stream')

const winston = require('winston')

const { flush, recorder, stats } = require('../../dist/index.js')

const LINES = 20
const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() })
const logger = winston.createLogger({
  format: winston.format.combine(winston.format.timestamp(), winston.format.json()),
  transports: [new winston.transports.Stream({ stream: nowhere })],
})
const delay = monitorEventLoopDelay({ resolution: 10 })
delay.enable()

const server = http.createServer((request, response) => {
  const [, route, item] = request.url.split('/')
  for (let line = 0; line < LINES; line++) {
    logger.debug('looked up', { item, tenant: 'acme', attempt: line, cached: false, price: 12.5 })
  }
  if (route === 'fail') logger.error(`failed as ${item}`)
  else logger.info('item read', { item, tenant: 'acme', attempt: 1, cached: false, price: 12.5 })
  response.statusCode = route === 'fail' ? 500 : 200
  response.end('{}')
})
server.keepAliveTimeout = 60_000
server.listen(0, '127.0.0.1', () => process.send({ port: server.address().port }))

async function tell(message) {
  if (message === 'flush') await flush({ timeoutMillis: 30_000 })
  process.send({
    asked: message,
    memory: process.memoryUsage(),
    recorder: recorder.stats(),
    pipeline: stats(),
    lateMillis: { p99: delay.percentile(99) / 1e6, max: delay.max / 1e6 },
  })
  delay.reset()
}

process.on('message', (message) => void tell(message))
process.on('disconnect', () => process.exit(0))
