const { kafka, logger, TOPIC } = require('./lib')

async function main() {
  const admin = kafka.admin()
  await admin.connect()
  await admin.createTopics({ topics: [{ topic: TOPIC, numPartitions: 1 }] })
  await admin.disconnect()

  const consumer = kafka.consumer({ groupId: process.env.KAFKA_GROUP ?? 'ledger' })
  await consumer.connect()
  await consumer.subscribe({ topic: TOPIC })
  consumer.on(consumer.events.GROUP_JOIN, () => logger.info('in the group'))
  await consumer.run({
    eachMessage: async ({ message }) => {
      const { id, cents } = JSON.parse(message.value)
      const log = logger.child({ payment: id })
      log.debug('booking')
      await new Promise((resolve) => setTimeout(resolve, 2))
      log.info({ cents }, 'booked')
    },
  })
  process.once('SIGTERM', () => consumer.disconnect())
}

main()
