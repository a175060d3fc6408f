/** For the benchmark: `/round?n=200` sends so many messages and answers when all of them have been handled. */
const { serve } = require('./server.cjs')

const { LIBRARY, BROKER_HOST = '127.0.0.1', BROKER_PORT, BROKER_URL } = process.env
let handled = 0
let wanted = 0
let done = () => {}
function count() {
  if (++handled === wanted) done()
}

/** Each gives a function that sends one message, and one that closes. */
const LIBRARIES = {
  async bullmq() {
    const { Queue, Worker } = require('bullmq')
    const connection = { host: BROKER_HOST, port: Number(BROKER_PORT), maxRetriesPerRequest: null }
    const queue = new Queue(`rounds-${process.pid}`, { connection, defaultJobOptions: { removeOnComplete: true } })
    const worker = new Worker(`rounds-${process.pid}`, async () => count(), { connection, concurrency: 10 })
    await worker.waitUntilReady()
    return [() => queue.add('job', { n: 1 }), () => Promise.all([queue.close(), worker.close()])]
  },
  async amqplib() {
    const connection = await require('amqplib').connect(BROKER_URL)
    const channel = await connection.createChannel()
    const { queue } = await channel.assertQueue('', { exclusive: true })
    await channel.consume(queue, (message) => {
      channel.ack(message)
      count()
    })
    return [async () => channel.sendToQueue(queue, Buffer.from('x')), () => connection.close()]
  },
  async nats() {
    const connection = await require('nats').connect({ servers: `${BROKER_HOST}:${BROKER_PORT}` })
    connection.subscribe(`rounds.${process.pid}`, { callback: count })
    const data = new Uint8Array(1)
    return [async () => connection.publish(`rounds.${process.pid}`, data), () => connection.close()]
  },
  async kafkajs() {
    const { Kafka, logLevel } = require('kafkajs')
    const kafka = new Kafka({ brokers: [`${BROKER_HOST}:${BROKER_PORT}`], logLevel: logLevel.NOTHING })
    const topic = `rounds-${process.pid}`
    const admin = kafka.admin()
    await admin.connect()
    await admin.createTopics({ topics: [{ topic, numPartitions: 1 }] })
    await admin.disconnect()
    const producer = kafka.producer()
    const consumer = kafka.consumer({ groupId: topic })
    await Promise.all([producer.connect(), consumer.connect()])
    await consumer.subscribe({ topics: [topic], fromBeginning: true })
    await consumer.run({ eachMessage: async () => count() })
    const send = () => producer.send({ topic, messages: [{ value: 'x' }] })
    return [send, () => Promise.all([producer.disconnect(), consumer.disconnect()])]
  },
}

;(async () => {
  const [send, close] = await LIBRARIES[LIBRARY]()
  serve(
    {
      '/round': async ({ n }) => {
        wanted = handled + Number(n)
        const all = new Promise((resolve) => (done = resolve))
        for (let i = 0; i < Number(n); i++) await send()
        if (handled < wanted) await all
      },
    },
    close,
  )
})()
