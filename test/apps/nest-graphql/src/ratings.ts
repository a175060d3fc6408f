import { createServer } from 'node:http'

const AVERAGES: Record<string, number> = { 1: 4.5 }

const server = createServer((request, response) => {
  const id = request.url?.split('/').at(-1) ?? ''
  const average = AVERAGES[id]
  console.log('rating of book %s is %d', id, average)
  if (average === undefined) response.writeHead(404).end()
  else response.setHeader('content-type', 'application/json').end(JSON.stringify({ id, average }))
})

server.listen(Number(process.env.PORT ?? 3001), '127.0.0.1')
process.once('SIGTERM', () => server.close())
