import { createServer } from 'node:http'

const DEGREES = { '/oslo': -4, '/rome': 17 }

const server = createServer((request, response) => {
  console.log('measuring at %s', request.url)
  const degrees = DEGREES[request.url]
  if (degrees === undefined) return response.writeHead(404).end()
  response.setHeader('content-type', 'application/json').end(JSON.stringify({ degrees }))
})

server.listen(Number(process.env.PORT ?? 3001), '127.0.0.1')
process.once('SIGTERM', () => server.close())
