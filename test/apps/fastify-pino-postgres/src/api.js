// The order API: GET /orders/:id tells the order and whether it can be shipped.
const fastify = require('fastify')

const app = fastify({ logger: { level: process.env.LOG_LEVEL ?? 'info' } })

app.register(require('./database'))
app.register(require('./orders'), { prefix: '/orders' })

app.listen({ port: Number(process.env.PORT ?? 3000), host: '127.0.0.1' }).catch((error) => {
  app.log.fatal(error)
  process.exit(1)
})

process.once('SIGTERM', () => app.close())
