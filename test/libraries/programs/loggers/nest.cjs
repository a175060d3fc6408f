// Nest's own Logger, within a request and outside of one.
const http = require('node:http')

const { Logger } = require('@nestjs/common')

const log = new Logger('Orders')
log.log('outside')
const server = http.createServer((_, response) => {
  log.log('inside')
  log.warn('careful')
  log.error('failed', new TypeError('boom').stack)
  Logger.debug('static')
  log.verbose({ nested: { a: 1 } })
  response.end()
})
server.listen(0, '127.0.0.1', () =>
  http.get({ port: server.address().port, host: '127.0.0.1', path: '/r' }, (answer) => {
    answer.resume().on('end', () => server.close())
  }),
)
