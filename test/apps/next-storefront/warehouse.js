const { createServer } = require('node:http')

const LEFT = { 7: 12 }

const server = createServer((request, response) => {
  const id = request.url.split('/').at(-1)
  console.info('stock of', id)
  if (!(id in LEFT)) return response.writeHead(404).end('{}')
  response.setHeader('content-type', 'application/json').end(JSON.stringify({ left: LEFT[id] }))
})

server.listen(Number(process.env.PORT ?? 3001), '127.0.0.1')
process.once('SIGTERM', () => server.close())
