// One route, one line of fastify's logger (pino) with five fields per request, to a stream that keeps nothing.
const { Writable } = require('node:stream')
const fastify = require('../../libraries/newest/node_modules/fastify')

const stream = new Writable({ write: (_chunk, _encoding, done) => done() })
const app = fastify({ logger: { level: 'info', stream }, disableRequestLogging: true, keepAliveTimeout: 60_000 })
app.get('/items/:id', async (request) => {
  request.log.info({ item: request.params.id, tenant: 'acme', attempt: 1, cached: false, price: 12.5 }, 'item read')
  return { id: request.params.id }
})
app.listen({ port: 0, host: '127.0.0.1' }, () => process.send(app.server.address().port))
process.on('disconnect', () => process.exit(0))
