// A load balancer in front of one upstream, as http-proxy-3 makes it. TARGET: http://127.0.0.1:port
const http = require('node:http')
const { createProxyServer } = require('http-proxy-3')

const agent = new http.Agent({ keepAlive: true, maxSockets: 64 })
const proxy = createProxyServer({ agent, target: process.env.TARGET, xfwd: true })
const server = http.createServer((request, response) => {
  proxy.web(request, response, {}, (error) => {
    response.writeHead(502).end(error.message)
  })
})
server.keepAliveTimeout = 60_000
server.listen(0, '127.0.0.1', () => process.send(server.address().port))
process.on('disconnect', () => process.exit(0))
