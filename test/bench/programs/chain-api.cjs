// express in front of redis: one read, one winston line per request. REDIS_URL: redis://127.0.0.1:port
const { Writable } = require('node:stream')
const express = require('express')
const { Redis } = require('ioredis')
const winston = require('winston')

const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() })
const logger = winston.createLogger({
  format: winston.format.combine(winston.format.timestamp(), winston.format.json()),
  transports: [new winston.transports.Stream({ stream: nowhere })],
})
const redis = new Redis(process.env.REDIS_URL)
const app = express()
app.get('/items/:id', async (request, response) => {
  const item = await redis.get(`item:${request.params.id}`)
  logger.info('item read', { item: request.params.id, found: item !== null })
  response.json({ id: request.params.id, item })
})
void redis.set('item:1', 'a book').then(() => {
  const server = app.listen(0, '127.0.0.1', () => process.send(server.address().port))
  server.keepAliveTimeout = 60_000
})
process.on('disconnect', () => process.exit(0))
