const { inspect } = require('node:util')

const { frames, handle, serve } = require('./server.cjs')

/** @param stream  JetStream of this client: `{ jetstream, jetstreamManager }`, where it has one */
exports.run = async function run({ connect, consumerOpts, createInbox, headers }, stream) {
  const nc = await connect({ servers: `127.0.0.1:${process.env.NATS_PORT}` })
  const text = (message) => Buffer.from(message.data).toString()
  const bytes = (n) => new Uint8Array(Buffer.from(n))
  const seen = []

  const iterated = nc.subscribe('orders.*')
  const loop = (async () => {
    for await (const message of iterated) {
      seen.push({ keys: message.headers?.keys?.() ?? [...(message.headers ?? [])].map(([key]) => key), stack: frames() })
      await handle('order', text(message))
    }
  })()
  const called = async function called(error, message) {
    seen.push({ stack: frames() })
    await handle('called', text(message))
    if (text(message) === 'failing') console.log('about to fail')
    message.respond(bytes('answer'))
  }
  const byCallback = nc.subscribe('called', { callback: called, queue: 'workers' })
  nc.subscribe('failing', {
    callback: () => Promise.reject(Object.assign(new Error('no stock'), { code: 'NO_STOCK' })),
  })
  process.on('unhandledRejection', () => {})

  let messages, byStream
  if (stream !== undefined) {
    const manager = await stream.jetstreamManager(nc)
    const name = `jobs-${process.pid}`
    await manager.streams.add({ name, subjects: [`${name}.>`] })
    await manager.consumers.add(name, { durable_name: 'worker', ack_policy: 'explicit' })
    const consumer = await stream.jetstream(nc).consumers.get(name, 'worker')
    messages = await consumer.consume()
    const calls = `calls-${process.pid}`
    await manager.streams.add({ name: calls, subjects: [`${calls}.>`] })
    await manager.consumers.add(calls, { durable_name: 'caller', ack_policy: 'explicit' })
    byStream = await (await stream.jetstream(nc).consumers.get(calls, 'caller')).consume({
      callback: async function jobCalled(message) {
        seen.push({ stack: frames() })
        await handle('call', text(message))
        message.ack()
      },
    })
    ;(async () => {
      for await (const message of messages) {
        await handle('job', text(message))
        message.ack()
      }
    })()
  }

  // What clients of the second generation had before there were consumers.
  const legacy = consumerOpts !== undefined && process.env.LEGACY_STREAMS === 'on'
  const subscribed = []
  if (legacy) {
    const name = `legacy-${process.pid}`
    await (await nc.jetstreamManager()).streams.add({ name, subjects: [`${name}.>`] })
    // Not in a chain: the oldest gives nothing back.
    const optionsOf = (durable) => {
      const made = consumerOpts()
      made.durable(durable)
      made.manualAck()
      made.ackExplicit()
      made.deliverTo(createInbox())
      return made
    }
    const calledByStream = async function legacyCalled(error, message) {
      seen.push({ stack: frames() })
      await handle('legacy call', text(message))
      message.ack()
    }
    const byCall = optionsOf('legacy-caller')
    byCall.callback(calledByStream)
    subscribed.push(await nc.jetstream().subscribe(`${name}.called`, byCall))
    const looped = await nc.jetstream().subscribe(`${name}.looped`, optionsOf('legacy-looper'))
    subscribed.push(looped)
    ;(async () => {
      for await (const message of looped) {
        await handle('legacy loop', text(message))
        message.ack()
      }
    })()
  }

  const own = headers()
  own.set('own', 'kept')
  serve(
    {
      '/send': ({ n }) => {
        nc.publish('orders.eu', bytes(n), { headers: own })
        return [...own].map(([key]) => key).join()
      },
      '/bare': ({ n }) => nc.publish('orders.eu', bytes(n)),
      '/request': ({ n }) => nc.request('called', bytes(n), { timeout: 5_000 }).then(text),
      '/failing': () => nc.publish('failing', bytes('x')),
      '/stream': ({ n }) =>
        stream
          .jetstream(nc)
          .publish(`jobs-${process.pid}.x`, bytes(n))
          .then(({ seq }) => seq),
      '/stream-called': ({ n }) =>
        stream
          .jetstream(nc)
          .publish(`calls-${process.pid}.x`, bytes(n))
          .then(({ seq }) => seq),
      '/legacy': ({ n, how }) =>
        nc
          .jetstream()
          .publish(`legacy-${process.pid}.${how}`, bytes(n))
          .then(({ seq }) => seq),
      '/seen': () => JSON.stringify(seen.at(-1)),
      '/looks': () => inspect([byCallback.callback?.name, Object.keys(iterated)], { depth: 0 }),
    },
    async () => {
      for (const each of subscribed) each.unsubscribe()
      await messages?.close()
      await byStream?.close()
      await nc.drain()
      await loop
    },
  )
}
