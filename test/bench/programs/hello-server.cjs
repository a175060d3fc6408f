// The smallest HTTP server, and what its main thread costs: GET /cpu answers the microseconds spent so far.
const http = require('node:http')

const server = http.createServer((request, response) => {
  if (request.url === '/health/cpu') {
    const { user, system } = process.threadCpuUsage()
    response.end(String(user + system))
    return
  }
  response.setHeader('content-type', 'application/json')
  response.end('{"ok":true}')
})
server.keepAliveTimeout = 60_000
server.listen(0, '127.0.0.1', () => process.send(server.address().port))
process.on('disconnect', () => process.exit(0))
