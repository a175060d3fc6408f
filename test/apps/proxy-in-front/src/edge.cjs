// All that comes from outside comes through here.
const express = require('express')
const { createProxyMiddleware } = require('http-proxy-middleware')
const winston = require('winston')

const logger = winston.createLogger({ format: winston.format.simple(), transports: [new winston.transports.Console()] })

const app = express()

app.use((request, _response, next) => {
  logger.info(`${request.method} ${request.originalUrl}`)
  next()
})

const to = (target) =>
  createProxyMiddleware({
    target,
    changeOrigin: true,
    on: { proxyRes: (answer, request) => logger.info(`${request.originalUrl} answered`, { status: answer.statusCode }) },
  })

app.use('/carts', to(process.env.CARTS_URL ?? 'http://127.0.0.1:3001'))
app.use('/users', to(process.env.USERS_URL ?? 'http://127.0.0.1:3002'))

const server = app.listen(Number(process.env.PORT ?? 3000), '127.0.0.1')
process.once('SIGTERM', () => server.close())
