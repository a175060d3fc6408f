const { inspect } = require('node:util')

const { frames, handle, serve } = require('./server.cjs')

exports.run = async function run({ Queue, Worker, FlowProducer, QueueEvents }) {
  const connection = { host: '127.0.0.1', port: Number(process.env.REDIS_PORT), maxRetriesPerRequest: null }
  const queue = new Queue('orders', { connection })
  const flows = new FlowProducer({ connection })
  const stacks = []
  const worker = new Worker(
    'orders',
    async (job) => {
      if (job.name === 'stack') stacks.push(frames())
      await handle(job.name, job.data.n)
      if (job.name === 'failing' || (job.name === 'flaky' && job.attemptsMade === 0)) throw new TypeError('no stock')
      return 'done'
    },
    { connection, concurrency: 4, drainDelay: 1, stalledInterval: 300 },
  )
  const events = new QueueEvents('orders', { connection })
  const own = []
  const telemetry = {
    tracer: {
      startSpan(name) {
        own.push(name)
        return {
          setSpanOnContext: (context) => context,
          setAttribute() {},
          setAttributes() {},
          addEvent() {},
          recordException() {},
          end() {},
        }
      },
    },
    contextManager: {
      with: (_, fn) => fn(),
      active: () => 1,
      getMetadata: () => undefined,
      fromMetadata: () => 1,
    },
  }
  await Promise.all([queue.waitUntilReady(), worker.waitUntilReady(), events.waitUntilReady()])

  serve(
    {
      '/add': ({ name, n, attempts, delay }) =>
        queue
          .add(name, { n }, { attempts: Number(attempts ?? 1), ...(delay && { delay: Number(delay) }) })
          .then(({ id }) => id),
      '/bulk': () => queue.addBulk([1, 2, 3].map((n) => ({ name: 'bulk', data: { n } }))),
      '/flow': () =>
        flows.add({
          name: 'parent',
          queueName: 'orders',
          data: { n: 0 },
          opts: {},
          children: [1, 2].map((n) => ({ name: 'child', queueName: 'orders', data: { n }, opts: {} })),
        }),
      '/flow-without-options': () =>
        flows.add({
          name: 'parent',
          queueName: 'orders',
          data: { n: 0 },
          children: [
            { name: 'child', queueName: 'orders', data: { n: 1 } },
            { name: 'child', queueName: 'orders', data: { n: 2 }, opts: { attempts: 2 } },
          ],
        }),
      '/flow-of-nobody': () =>
        flows.add({ name: 'nobody', queueName: 'orders', data: { n: 0 }, opts: { telemetry: { omitContext: true } } }),
      '/schedule': () => queue.upsertJobScheduler('tick', { every: 200, limit: 2 }, { name: 'tick', data: { n: 1 } }),
      '/unschedule': () => queue.removeJobScheduler('tick'),
      '/stacks': () => stacks.at(-1),
      '/looks': () =>
        inspect([queue.opts, Object.keys(queue), Object.keys(worker), Object.keys(flows), Object.keys(queue.opts)], {
          depth: 1,
        }),
      '/own': async () => {
        const theirs = new Queue('theirs', { connection, telemetry })
        await theirs.add('x', {})
        await theirs.close()
        return `${own.join()} ${theirs.opts.telemetry === telemetry}`
      },
    },
    () => Promise.all([queue.close(), worker.close(), flows.close(), events.close()]),
  )
}
