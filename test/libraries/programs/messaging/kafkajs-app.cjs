const { inspect } = require('node:util')

const { frames, handle, serve } = require('./server.cjs')

exports.run = async function run({ Kafka, Partitioners, logLevel }) {
  const kafka = new Kafka({
    clientId: 'shop',
    brokers: [process.env.KAFKA_BROKER],
    retry: { initialRetryTime: 50 },
    logLevel: logLevel.ERROR,
    logCreator:
      () =>
      ({ log }) =>
        console.log(`kafkajs: ${log.message}`),
  })
  const [orders, bulk] = [`orders-${process.pid}`, `bulk-${process.pid}`]
  const admin = kafka.admin()
  await admin.connect()
  await admin.createTopics({ topics: [orders, bulk].map((topic) => ({ topic, numPartitions: 1 })) })
  await admin.disconnect()

  const sent = []
  const createPartitioner = () => (args) => {
    sent.push({ keys: Object.keys(args.message.headers ?? {}), stack: frames() })
    return Partitioners.DefaultPartitioner()(args)
  }
  const producer = kafka.producer({ createPartitioner })
  const careful = kafka.producer({ transactionalId: `tx-${process.pid}`, maxInFlightRequests: 1, idempotent: true })
  const seen = []
  const failed = new Set()
  const each = kafka.consumer({ groupId: `billing-${process.pid}` })
  const batches = kafka.consumer({ groupId: `bulk-${process.pid}` })
  await Promise.all([producer, careful, each, batches].map((one) => one.connect()))
  await each.subscribe({ topics: [orders], topic: orders, fromBeginning: true })
  await batches.subscribe({ topics: [bulk], topic: bulk, fromBeginning: true })
  await each.run({
    async eachMessage({ message }) {
      const n = String(message.value)
      seen.push({ headers: Object.keys(message.headers), own: String(message.headers.own), stack: frames() })
      await handle('order', n)
      if (n === 'failing' && !failed.has(n)) {
        failed.add(n)
        throw Object.assign(new Error('no stock'), { code: 'NO_STOCK' })
      }
    },
  })
  await batches.run({
    async eachBatch({ batch, resolveOffset }) {
      for (const { value, offset } of batch.messages) {
        await handle('bulk', String(value))
        resolveOffset(offset)
      }
      seen.push({ batch: inspect(batch, { depth: 0 }), keys: Object.keys(batch).join(), stack: frames() })
    },
  })

  const own = Object.freeze({ own: 'kept' })
  serve(
    {
      '/topics': () => `${orders} ${bulk}`,
      '/send': async ({ n }) => {
        const message = Object.freeze({ key: 'k', value: n, headers: own })
        await producer.send({ topic: orders, messages: [message] })
        return Object.keys(message.headers).join()
      },
      '/bare': ({ n }) => producer.send({ topic: orders, messages: [{ value: n }] }),
      '/batch': () =>
        producer.sendBatch({ topicMessages: [{ topic: bulk, messages: [{ value: '1' }, { value: '2' }] }] }),
      '/transaction': async ({ n }) => {
        const transaction = await careful.transaction()
        await transaction.send({ topic: orders, messages: [{ value: n }] })
        await transaction.commit()
      },
      '/refused': () =>
        producer.send({ topic: orders, messages: [{ value: 'x'.repeat(30_000_000) }] }).then(
          () => 'sent',
          (error) => error.stack,
        ),
      '/seen': () => JSON.stringify(seen.at(-1)),
      '/sent': () => JSON.stringify(sent.at(-1)),
      '/looks': () => inspect([producer, each], { depth: 0 }),
    },
    () => Promise.all([producer, careful, each, batches].map((one) => one.disconnect())),
  )
}
