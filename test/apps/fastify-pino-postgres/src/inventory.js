// What is in stock, from memory.
const fastify = require('fastify')

const STOCK = new Map([
  ['blanket', 12],
  ['pillow', 0],
])

const app = fastify({ logger: true })

app.addHook('preHandler', async (request) => {
  request.log.info({ sku: request.params.sku }, 'looking it up')
})

app.get('/stock/:sku', async (request) => {
  const left = STOCK.get(request.params.sku)
  if (left === undefined) throw Object.assign(new Error('not a product of ours'), { statusCode: 404 })
  if (left < 20) request.log.warn({ left }, 'runs out soon')
  return { sku: request.params.sku, left }
})

app.listen({ port: Number(process.env.PORT ?? 3001), host: '127.0.0.1' })
process.once('SIGTERM', () => app.close())
