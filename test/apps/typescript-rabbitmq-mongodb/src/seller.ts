import amqp, { type ConsumeMessage } from 'amqplib'
import { MongoClient } from 'mongodb'

import { logger } from './logger.ts'
import { parseOrder, QUEUE, type Order } from './order.ts'

const mongo = await new MongoClient(process.env['MONGODB_URL'] ?? 'mongodb://127.0.0.1').connect()
const shows = mongo.db('tickets').collection<{ _id: string; left: number }>('shows')
const sold = mongo.db('tickets').collection<Order>('sold')
await shows.updateOne({ _id: 'Hamlet' }, { $set: { left: 80 } }, { upsert: true })

async function sell(order: Order): Promise<void> {
  const { left } = (await shows.findOne({ _id: order.show })) ?? { left: 0 }
  logger.debug('seats left', { show: order.show, left })
  if (left < order.seats) throw new Error(`${order.show} is sold out`)
  await shows.updateOne({ _id: order.show }, { $inc: { left: -order.seats } })
  await sold.insertOne({ ...order })
  logger.info('sold', order)
}

const broker = await amqp.connect(process.env['AMQP_URL'] ?? 'amqp://127.0.0.1')
const channel = await broker.createChannel()
await channel.assertQueue(QUEUE, { durable: false })
await channel.prefetch(1)

await channel.consume(QUEUE, (message: ConsumeMessage | null) => {
  if (message === null) return
  sell(parseOrder(message.content.toString())).then(
    () => channel.ack(message),
    (error: unknown) => {
      logger.error('not sold', { error })
      channel.nack(message, false, false)
    },
  )
})
logger.info('open')

process.once('SIGTERM', async () => {
  await broker.close()
  await mongo.close()
})
