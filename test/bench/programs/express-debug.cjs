// Two routes: one winston line with five fields per request, and 20 debug lines before it that the level stops.
const { Writable } = require('node:stream')
const express = require('express')
const winston = require('winston')

const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() })
const logger = winston.createLogger({
  format: winston.format.combine(winston.format.timestamp(), winston.format.json()),
  transports: [new winston.transports.Stream({ stream: nowhere })],
})
const app = express()
function read(request, response, debugLines) {
  for (let line = 0; line < debugLines; line++) {
    logger.debug('looked up', { item: request.params.id, tenant: 'acme', attempt: line, cached: false, price: 12.5 })
  }
  logger.info('item read', { item: request.params.id, tenant: 'acme', attempt: 1, cached: false, price: 12.5 })
  response.json({ id: request.params.id })
}
app.get('/debug/:id', (request, response) => read(request, response, 20))
app.get('/plain/:id', (request, response) => read(request, response, 0))
const server = app.listen(0, '127.0.0.1', () => process.send(server.address().port))
server.keepAliveTimeout = 60_000
process.on('disconnect', () => process.exit(0))
