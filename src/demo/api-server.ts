/**
 * The shop's API: products and carts out of a cache in front of a slow database, and a report that takes its time.
 *
 * An ordinary express application with winston and redis: it knows nothing of tracelog.
 * PORT: where it listens (0: any free port). REDIS_URL: the cache. CACHE_PREFIX: put before its keys.
 */
import type { AddressInfo } from 'node:net'

import express, { type NextFunction, type Request, type Response } from 'express'
import { createClient } from 'redis'
import winston from 'winston'

import { countSales, loadCart, loadProduct, type Cart, type Product } from './catalogue.ts'

const logger = winston.createLogger({
  format: winston.format.combine(
    winston.format.timestamp(),
    winston.format.errors({ stack: true }),
    winston.format.json(),
  ),
  transports: [new winston.transports.Console()],
})

const prefix = process.env['CACHE_PREFIX'] ?? ''
const cache = createClient({ url: process.env['REDIS_URL'] ?? 'redis://127.0.0.1:6379' })
cache.on('error', (error: Error) => logger.error('cache is unreachable', { error }))
await cache.connect()

const app = express()

function logOf(request: Request): winston.Logger {
  return logger.child({ request_id: request.get('x-request-id') })
}

/** What the cache has under the key, else what `load` finds, which is then kept for a minute. */
async function throughCache<T>(
  key: string,
  log: winston.Logger,
  load: () => Promise<T | undefined>,
): Promise<T | undefined> {
  log.debug('asking the cache', { key })
  const known = await cache.get(prefix + key)
  if (known !== null) {
    log.info('found in cache', { key })
    return JSON.parse(known) as T
  }
  log.debug('not there, asking the database', { key })
  const loaded = await load()
  log.info('loaded from database', { key, found: loaded !== undefined })
  if (loaded !== undefined) await cache.set(prefix + key, JSON.stringify(loaded), { EX: 60 })
  return loaded
}

app.get('/api/products/:id', async (request, response) => {
  const log = logOf(request)
  const { id } = request.params
  const product = await throughCache<Product>(`product:${id}`, log, () => loadProduct(Number(id)))
  if (product === undefined) {
    log.warn('no such product', { product: id })
    response.status(404).json({ error: 'no such product' })
    return
  }
  response.json(product)
})

app.get('/api/carts/:user', async (request, response) => {
  const log = logOf(request)
  const { user } = request.params
  log.info('cart asked for', { user })
  const cart = await throughCache<Cart>(`cart:${user}`, log, () => loadCart(user))
  log.debug('adding up the cart', { user, items: cart?.items.length })
  // The bug that this demo is about: a guest has no cart.
  response.json({ user, total: totalOf(cart as Cart) })
})

function totalOf(cart: Cart): number {
  return cart.items.reduce((sum, product) => sum + product.cents, 0)
}

app.get('/api/reports/:month', async (request, response) => {
  const log = logOf(request)
  const { month } = request.params
  const sales = await countSales(month)
  log.warn('report was slow', { month, sales })
  response.json({ month, sales })
})

// Four parameters make it an error handler.
app.use((error: Error, request: Request, response: Response, _next: NextFunction) => {
  logOf(request).error('request failed', { error })
  response.status(500).json({ error: 'internal error' })
})

const server = app.listen(Number(process.env['PORT'] ?? 3000), '127.0.0.1', () => {
  logger.info('api server listens', { port: (server.address() as AddressInfo).port })
})

// Longer than the load balancer keeps an idle connection: who closes first must not be the one who is about to be asked.
server.keepAliveTimeout = 65_000

process.once('SIGTERM', () => {
  server.close(() => cache.destroy())
  server.closeIdleConnections()
})
