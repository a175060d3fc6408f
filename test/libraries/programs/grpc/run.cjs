// A server and its client of grpc-js in one process; calls one after the other, each below an HTTP request of its own name. Prints what
// the application saw. With IN_TASK=on each is asked for from a task.
const http = require('node:http')
const { once } = require('node:events')

const json = { serialize: (value) => Buffer.from(JSON.stringify(value)), deserialize: (bytes) => JSON.parse(bytes) }
const method = (name, requestStream = false, responseStream = false) => ({
  path: `/test.Greeter/${name}`,
  requestStream,
  responseStream,
  requestSerialize: json.serialize,
  requestDeserialize: json.deserialize,
  responseSerialize: json.serialize,
  responseDeserialize: json.deserialize,
})
const SERVICE = {
  Say: method('Say'),
  Sum: method('Sum', true, false),
  Count: method('Count', false, true),
  Echo: method('Echo', true, true),
  Fail: method('Fail'),
  Broken: method('Broken'),
  Slow: method('Slow'),
  Flaky: method('Flaky'),
}
const RETRIES = JSON.stringify({
  methodConfig: [
    {
      name: [{ service: 'test.Greeter', method: 'Flaky' }],
      retryPolicy: {
        maxAttempts: 4,
        initialBackoff: '0.01s',
        maxBackoff: '0.02s',
        backoffMultiplier: 1,
        retryableStatusCodes: ['UNAVAILABLE'],
      },
    },
  ],
})

const seen = {}
const stackOf = () => new Error('here').stack.split('\n').slice(1)

function handlers(grpc) {
  let tries = 0
  const slow = new Map()
  return {
    Say(call, callback) {
      seen.stack ??= stackOf()
      const { name } = call.request
      if (name === 'metadata') seen.received = [call.metadata.get('x-app'), call.metadata.get('traceparent').length]
      console.log(`handler ${name}`)
      globalThis[Symbol.for('org.tracelog.v1')]?.requestFields({ greeted: name })
      // The second of two calls that are under way at once answers first.
      setTimeout(() => {
        console.log(`handler timer ${name}`)
        callback(null, { text: `hello ${name}` })
      }, call.request.millis ?? 1)
    },
    Sum(call, callback) {
      let sum = 0
      call.on('data', ({ value }) => (sum += value))
      call.on('end', () => {
        console.log('handler sum')
        callback(null, { sum })
      })
    },
    Count(call) {
      for (let value = 1; value <= call.request.to; value += 1) call.write({ value })
      console.log('handler count')
      call.end()
    },
    Echo(call) {
      call.on('data', (message) => call.write(message))
      call.on('end', () => {
        console.log('handler echo')
        call.end()
      })
    },
    Fail(call, callback) {
      const metadata = new grpc.Metadata()
      metadata.set('x-detail', 'it is not there')
      callback({ code: call.request.code, details: 'no such greeting', metadata })
    },
    Broken() {
      throw new TypeError('the handler is broken')
    },
    Slow(call) {
      slow.set(call.request.name, call)
      call.on('cancelled', () => console.log(`handler cancelled ${call.request.name}`))
      process.emit('slow call')
    },
    Flaky(call, callback) {
      tries += 1
      if (tries < 3) callback({ code: grpc.status.UNAVAILABLE, details: 'not yet' })
      else callback(null, { tries })
    },
  }
}

const unary = (client, name, request, ...more) =>
  new Promise((resolve) => {
    client[name](request, ...more, (error, answer) => {
      console.log(`callback ${name}`)
      resolve(error === null ? answer : { code: error.code, details: error.details, detail: error.metadata.get('x-detail') })
    })
  })

/** By the name of the request below which they are made. */
const calls = (grpc, client) => ({
  say: () => unary(client, 'Say', { name: 'first' }),
  async metadata() {
    const metadata = new grpc.Metadata()
    metadata.set('x-app', 'mine')
    metadata.set('traceparent', '00-11111111111111111111111111111111-2222222222222222-01')
    const answer = await unary(client, 'Say', { name: 'metadata' }, metadata)
    seen.sent = metadata.getMap()
    return answer
  },
  sum: () =>
    new Promise((resolve, reject) => {
      const call = client.Sum((error, answer) => (error === null ? resolve(answer) : reject(error)))
      for (const value of [1, 2, 3]) call.write({ value })
      call.end()
    }),
  async count() {
    const values = []
    for await (const { value } of client.Count({ to: 3 })) values.push(value)
    console.log('counted')
    return values
  },
  async echo() {
    const call = client.Echo()
    call.write({ n: 1 })
    call.end()
    const messages = []
    call.on('data', (message) => {
      console.log('echoed')
      messages.push(message)
    })
    await once(call, 'end')
    return messages
  },
  notFound: () => unary(client, 'Fail', { code: grpc.status.NOT_FOUND }),
  internal: () => unary(client, 'Fail', { code: grpc.status.INTERNAL }),
  async deadline() {
    return (await unary(client, 'Slow', { name: 'deadline' }, { deadline: Date.now() + 100 })).code
  },
  async cancel() {
    const answer = new Promise((resolve) => {
      const call = client.Slow({ name: 'cancel' }, (error) => resolve(error.code))
      process.once('slow call', () => call.cancel())
    })
    return await answer
  },
  retry: () => unary(client, 'Flaky', {}),
  broken: () => unary(client, 'Broken', {}),
  unknown: () =>
    new Promise((resolve) => {
      client.makeUnaryRequest('/test.Greeter/Nobody', json.serialize, json.deserialize, {}, (error) => resolve(error.code))
    }),
  telemetry: () =>
    new Promise((resolve) => {
      const path = '/opentelemetry.proto.collector.logs.v1.LogsService/Export'
      client.makeUnaryRequest(path, json.serialize, json.deserialize, {}, (error) => resolve(error.code))
    }),
  slower: () => unary(client, 'Say', { name: 'slower', millis: 50 }),
  faster: () => unary(client, 'Say', { name: 'faster', millis: 1 }),
})

async function listen(grpc) {
  const server = new grpc.Server()
  server.addService(SERVICE, handlers(grpc))
  const port = await new Promise((resolve, reject) => {
    const credentials = grpc.ServerCredentials.createInsecure()
    server.bindAsync('127.0.0.1:0', credentials, (error, bound) => (error === null ? resolve(bound) : reject(error)))
  })
  // Newer versions have begun, and warn when they are told to.
  if (typeof server.drain !== 'function') server.start()
  return { server, port }
}

module.exports = async function run(grpc) {
  const { server, port } = await listen(grpc)
  const Client = grpc.makeGenericClientConstructor(SERVICE, 'Greeter')
  const client = new Client(`127.0.0.1:${port}`, grpc.credentials.createInsecure(), { 'grpc.service_config': RETRIES })
  const todo = calls(grpc, client)
  const web = http.createServer(async (request, response) => {
    const name = request.url.slice(1)
    response.end(JSON.stringify((await todo[name]()) ?? null))
  })
  web.listen(0, '127.0.0.1')
  await once(web, 'listening')
  const ask = async (name) => {
    const response = await fetch(`http://127.0.0.1:${web.address().port}/${name}`)
    seen[name] = await response.json()
  }
  // These two open the connection between them.
  await Promise.all([ask('slower'), ask('faster')])
  const { tasks } = globalThis[Symbol.for('org.tracelog.v1')] ?? {}
  const inTask = process.env.IN_TASK === 'on' ? (name) => tasks.task(`asks ${name}`, undefined, () => ask(name)) : ask
  for (const name of process.argv.slice(2)) await inTask(name)
  process.stderr.write(`${JSON.stringify(seen)}\n`)
  client.close()
  server.forceShutdown()
  web.closeAllConnections()
  web.close()
}
