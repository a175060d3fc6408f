import { once } from 'node:events'
import { promisify } from 'node:util'

import grpc from '@grpc/grpc-js'
import express from 'express'

import { shop } from './shop.js'

const address = new URL(process.env.PRICING_URL ?? 'http://127.0.0.1:50051').host
const pricing = new shop.Pricing(address, grpc.credentials.createInsecure())
const quote = promisify(pricing.quote.bind(pricing))

const app = express()

app.get('/prices/:sku', async (request, response) => {
  const asked = { sku: request.params.sku, quantity: Number(request.query.quantity ?? 1) }
  const { cents } = await quote(asked)
  const percent = await discountOf(asked)
  console.info(`${asked.sku}: ${cents} cents, less ${percent} %`)
  response.json({ ...asked, cents: Math.round((cents * (100 - percent)) / 100) })
})

async function discountOf(asked) {
  let percent = 0
  const call = pricing.discounts(asked)
  call.on('data', (discount) => {
    console.log('discount', discount.name)
    percent += discount.percent
  })
  await once(call, 'end')
  return percent
}

app.use((error, _request, response, _next) => {
  console.error('pricing failed', error)
  response.status(error.code === grpc.status.NOT_FOUND ? 404 : 502).json({ error: error.details })
})

const server = app.listen(Number(process.env.PORT ?? 3000), '127.0.0.1')
process.once('SIGTERM', () => {
  server.close()
  pricing.close()
})
