const Hapi = require('@hapi/hapi')

const { kafka, logger, TOPIC } = require('./lib')

async function main() {
  const producer = kafka.producer({ allowAutoTopicCreation: true })
  await producer.connect()

  const server = Hapi.server({ port: process.env.PORT ?? 3000, host: '127.0.0.1' })

  server.ext('onRequest', (request, h) => {
    request.app.log = logger.child({ method: request.method, path: request.path })
    return h.continue
  })

  server.route({
    method: 'PUT',
    path: '/payments/{id}',
    handler: async (request, h) => {
      const { id } = request.params
      const { cents } = request.payload
      if (!(cents > 0)) throw new Error('a payment of nothing')
      request.app.log.info({ cents }, 'payment taken')
      await producer.send({ topic: TOPIC, messages: [{ key: id, value: JSON.stringify({ id, cents }) }] })
      return h.response({ id, state: 'taken' }).code(202)
    },
  })

  server.events.on({ name: 'request', channels: 'error' }, (request, { error }) => {
    request.app.log.error(error, 'payment failed')
  })

  await server.start()
  process.once('SIGTERM', async () => {
    await server.stop()
    await producer.disconnect()
  })
}

main()
