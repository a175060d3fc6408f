// Answers 200 to every request and throws the body away. Not every peer says what it sends.
const server = require('node:http').createServer((request, response) => {
  const type = request.headers['content-type'] ?? 'application/json'
  request.resume().on('end', () => response.writeHead(200, { 'content-type': type }).end())
})
server.listen(0, '127.0.0.1', () => process.send(server.address().port))
