const { promisify, inspect } = require('node:util')

const { frames, handle, serve } = require('./server.cjs')

exports.run = async function run({ connect }, callbackApi) {
  const url = process.env.AMQP_URL
  const connection = await connect(url)
  const channel = await connection.createChannel()
  const confirms = await connection.createConfirmChannel()
  const [orders, quiet, pulled, called] = ['orders', 'quiet', 'pulled', 'called'].map((one) => `${one}-${process.pid}`)
  for (const queue of [orders, quiet, pulled, called]) await channel.assertQueue(queue, { autoDelete: true })
  await channel.assertExchange(`sales-${process.pid}`, 'topic', { autoDelete: true })
  await channel.bindQueue(orders, `sales-${process.pid}`, '#')

  const seen = []
  const refused = new Set()
  await channel.consume(orders, async (message) => {
    const n = String(message.content)
    seen.push({ headers: Object.keys(message.properties.headers), own: message.properties.headers.own, stack: frames() })
    await handle('order', n)
    if (n === 'failing' && !refused.has(n)) {
      refused.add(n)
      channel.nack(message)
    } else channel.ack(message)
  })
  // Without acknowledgements, and by timers instead of promises.
  await channel.consume(
    quiet,
    (message) => {
      console.log(`handling quiet ${message.content}`)
      setTimeout(() => console.log(`timer of quiet ${message.content}`), 5)
    },
    { noAck: true },
  )

  const callbackConnection = await promisify(callbackApi.connect)(url)
  const callbackChannel = await promisify(callbackConnection.createChannel.bind(callbackConnection))()
  callbackChannel.consume(called, (message) => {
    console.log(`handling called ${message.content}`)
    setTimeout(() => {
      console.log(`timer of called ${message.content}`)
      callbackChannel.ack(message)
    }, 5)
  })

  const own = Object.freeze({ own: 'kept' })
  serve(
    {
      '/send': ({ n }) => {
        const options = Object.freeze({ headers: own, messageId: `m-${n}` })
        channel.sendToQueue(orders, Buffer.from(n), options)
        return Object.keys(options.headers).join()
      },
      '/bare': ({ n }) => channel.sendToQueue(orders, Buffer.from(n)),
      '/exchange': ({ n }) => channel.publish(`sales-${process.pid}`, `eu.${n}`, Buffer.from(n)),
      '/confirmed': async ({ n }) => {
        await promisify(confirms.publish.bind(confirms))('', orders, Buffer.from(n), {})
        await confirms.waitForConfirms()
        return 'confirmed'
      },
      '/quiet': ({ n }) => channel.sendToQueue(quiet, Buffer.from(n)),
      '/called': ({ n }) => callbackChannel.sendToQueue(called, Buffer.from(n)),
      '/get': async ({ n }) => {
        channel.sendToQueue(pulled, Buffer.from(n), { headers: own })
        let message = false
        while (message === false) message = await channel.get(pulled)
        channel.ack(message)
        return `${message.content} ${message.properties.headers.own} ${await channel.get(pulled)}`
      },
      '/wrong': () => {
        try {
          channel.sendToQueue(orders, 'not a buffer')
          return 'sent'
        } catch (error) {
          return error.stack
        }
      },
      '/seen': () => JSON.stringify(seen.at(-1)),
      '/looks': () => inspect([channel, Object.keys(channel), channel.ack.name], { depth: 0 }),
    },
    async () => {
      await connection.close()
      await promisify(callbackConnection.close.bind(callbackConnection))()
    },
  )
}
