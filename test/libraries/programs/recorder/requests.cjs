/**
 * A server whose logger stands at info, and two requests to it, of which the second fails: who calls passes the logger.
 *
 * Prints one JSON: the texts that the logger has printed, and what it says of its level.
 */
const http = require('node:http')

const printed = []
const stream = { write: (line) => void printed.push(JSON.parse(line).msg) }
const options = { name: 'shop', level: 'info' }

module.exports = async function run({ make, levelOf }) {
  const log = make(options, stream)
  const child = log.child({ component: 'stock' })
  log.debug('outside')
  const server = http.createServer(async (request, response) => {
    const path = request.url.slice(1)
    log.trace(`begin ${path}`)
    log.debug({ n: 1, password: 'hunter2', user: { id: 7 } }, 'looked up %s', path)
    log.info(`info ${path}`)
    await new Promise((resolve) => setImmediate(resolve))
    child.debug({ left: 3 }, `counted ${path}`)
    if (path === 'fail') log.error(`failed ${path}`)
    child.trace(`after ${path}`)
    response.end()
  })
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
  for (const path of ['good', 'fail']) {
    await new Promise((resolve) => {
      http.get({ host: '127.0.0.1', port: server.address().port, path: `/${path}` }, (response) => {
        response.resume().on('end', resolve)
      })
    })
  }
  server.close()
  process.stdout.write(JSON.stringify({ printed, level: levelOf(log) }))
}
