// Answers 200 to every OTLP request and throws the body away.
const server = require('node:http').createServer((request, response) => {
  request.resume().on('end', () => response.writeHead(200, { 'content-type': request.headers['content-type'] }).end())
})
server.listen(0, '127.0.0.1', () => process.send(server.address().port))
