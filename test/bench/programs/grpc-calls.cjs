// Each HTTP request makes eight unary calls at once to a server of grpc-js in the same process.
const http = require('node:http')
const { createRequire } = require('node:module')
const path = require('node:path')
const grpc = createRequire(path.join(__dirname, '../../libraries/newest/package.json'))('@grpc/grpc-js')

const CALLS = 8
const json = { to: (value) => Buffer.from(JSON.stringify(value)), from: (bytes) => JSON.parse(bytes) }
const SERVICE = {
  Say: {
    path: '/bench.Greeter/Say',
    requestStream: false,
    responseStream: false,
    requestSerialize: json.to,
    requestDeserialize: json.from,
    responseSerialize: json.to,
    responseDeserialize: json.from,
  },
}
const server = new grpc.Server()
server.addService(SERVICE, { Say: (call, callback) => callback(null, { text: call.request.name }) })
server.bindAsync('127.0.0.1:0', grpc.ServerCredentials.createInsecure(), (_error, port) => {
  const Client = grpc.makeGenericClientConstructor(SERVICE, 'Greeter')
  const client = new Client(`127.0.0.1:${port}`, grpc.credentials.createInsecure())
  const web = http.createServer((_request, response) => {
    let left = CALLS
    for (let call = 0; call < CALLS; call += 1) {
      client.Say({ name: 'bench' }, () => {
        left -= 1
        if (left === 0) response.end('done')
      })
    }
  })
  web.keepAliveTimeout = 60_000
  web.listen(0, '127.0.0.1', () => process.send(web.address().port))
})
process.on('disconnect', () => process.exit(0))
