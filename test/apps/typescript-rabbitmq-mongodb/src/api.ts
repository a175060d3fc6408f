import { createServer, type IncomingMessage } from 'node:http'
import { text } from 'node:stream/consumers'

import amqp from 'amqplib'

import { logger } from './logger.ts'
import { parseOrder, QUEUE } from './order.ts'

const broker = await amqp.connect(process.env['AMQP_URL'] ?? 'amqp://127.0.0.1')
const channel = await broker.createConfirmChannel()
await channel.assertQueue(QUEUE, { durable: false })

async function order(request: IncomingMessage): Promise<{ status: number; body: object }> {
  if (request.method !== 'POST' || request.url !== '/orders') return { status: 404, body: { error: 'no such page' } }
  try {
    const wanted = parseOrder(await text(request))
    logger.info('%d seats for %s', wanted.seats, wanted.show)
    channel.sendToQueue(QUEUE, Buffer.from(JSON.stringify(wanted)))
    await channel.waitForConfirms()
    return { status: 202, body: wanted }
  } catch (error) {
    logger.error('order refused', error)
    return { status: 400, body: { error: String(error) } }
  }
}

const server = createServer(async (request, response) => {
  const { status, body } = await order(request)
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
})

server.listen(Number(process.env['PORT'] ?? 3000), '127.0.0.1')

process.once('SIGTERM', async () => {
  server.close()
  await broker.close()
})
