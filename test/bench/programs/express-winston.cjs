// One route, one winston line with five fields per request, JSON to a stream that keeps nothing.
const { Writable } = require('node:stream')
const express = require('express')
const winston = require('winston')

const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() })
const logger = winston.createLogger({
  format: winston.format.combine(winston.format.timestamp(), winston.format.json()),
  transports: [new winston.transports.Stream({ stream: nowhere })],
})
const app = express()
let served = 0
app.get('/items/:id', (request, response) => {
  logger.info('item read', { item: request.params.id, tenant: 'acme', attempt: 1, cached: false, price: 12.5 })
  served += 1
  response.json({ id: request.params.id })
})
app.get('/usage', (_request, response) => {
  const { user, system } = process.cpuUsage()
  response.json({ served, cpuMicros: user + system, rss: process.memoryUsage.rss() })
})
const server = app.listen(0, '127.0.0.1', () => process.send(server.address().port))
server.keepAliveTimeout = 60_000
process.on('disconnect', () => process.exit(0))
