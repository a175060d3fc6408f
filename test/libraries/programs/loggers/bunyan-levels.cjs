/** Levels of bunyan, and what is logged after a request: loggers have the names of the cases. */
const http = require('node:http')
const bunyan = require('bunyan')

const lines = []
const stream = { write: (line) => void lines.push(JSON.parse(line).msg) }
const make = (name, level = 'info') => bunyan.createLogger({ name, streams: [{ stream, level }] })

const off = make('off')
off.debug('not printed')
const changed = make('changed')
changed.debug('not yet')
changed.level('debug')
changed.debug('now')
make('severe').error('severe')
const several = bunyan.createLogger({ name: 'asked', streams: ['info', 'error', 'warn'].map((level) => ({ stream, level })) })
const asked = { enabled: [several.info(), several.debug()], levels: several.levels(), level: several.level() }

const server = http.createServer((_, response) => {
  server.child ??= make('requests').child({ component: 'd' })
  server.child.info('within')
  response.end()
})
server.listen(0, '127.0.0.1', async () => {
  for (let asking = 0; asking < 2; asking++) await (await fetch(`http://127.0.0.1:${server.address().port}/r`)).text()
  server.closeAllConnections()
  server.close()
  setImmediate(() => {
    server.child.info('after')
    process.stdout.write(JSON.stringify({ lines, asked }))
  })
})
