import http from 'node:http'

const EDGE = process.env.START_URL ?? 'http://127.0.0.1:3000'

/** With the old client, as many programs still do. */
function get(url) {
  return new Promise((resolve, reject) => {
    http
      .get(url, { agent: new http.Agent({ keepAlive: false }) }, (answer) => {
        let text = ''
        answer.setEncoding('utf8').on('data', (part) => (text += part))
        answer.on('end', () => resolve({ status: answer.statusCode, text }))
      })
      .on('error', reject)
  })
}

const server = http.createServer(async (request, response) => {
  const owner = request.url.split('/')[1]
  console.log('cart of', owner)
  const { status, text } = await get(`${EDGE}/users/${owner}`)
  if (status !== 200) {
    console.error(`no cart without its owner: ${text}`)
    response.writeHead(424).end()
    return
  }
  response.setHeader('content-type', 'application/json')
  response.end(JSON.stringify({ owner: JSON.parse(text).name, items: ['blanket'] }))
})

server.listen(Number(process.env.PORT ?? 3001), '127.0.0.1')
process.once('SIGTERM', () => server.close())
