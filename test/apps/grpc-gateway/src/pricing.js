import grpc from '@grpc/grpc-js'
import pino from 'pino'

import { shop } from './shop.js'

const log = pino({ name: 'pricing' })
const CENTS = { blanket: 4_990, pillow: 1_990 }
const DISCOUNTS = [
  { name: 'winter', percent: 10 },
  { name: 'second one', percent: 5 },
]

const server = new grpc.Server()

server.addService(shop.Pricing.service, {
  quote({ request }, callback) {
    const { sku, quantity } = request
    const cents = CENTS[sku]
    if (cents === undefined) {
      log.warn({ sku }, 'unknown product')
      callback({ code: grpc.status.NOT_FOUND, details: `no product ${sku}` })
      return
    }
    log.info({ sku, quantity }, 'quoted')
    callback(null, { cents: cents * quantity })
  },
  discounts(call) {
    for (const discount of DISCOUNTS) {
      log.info(discount, 'discount')
      call.write(discount)
    }
    call.end()
  },
})

server.bindAsync(`127.0.0.1:${process.env.PORT ?? 50_051}`, grpc.ServerCredentials.createInsecure(), (error, port) => {
  if (error) throw error
  log.info({ port }, 'serving')
})

process.once('SIGTERM', () => server.tryShutdown(() => {}))
