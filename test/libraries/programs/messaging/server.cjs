/** The routes of a program, each as a function of the query; what it returns is the answer. `/end` closes it. */
const http = require('node:http')

exports.serve = function serve(routes, close) {
  const server = http.createServer(async (request, response) => {
    const { pathname, searchParams } = new URL(request.url, 'http://localhost')
    try {
      if (pathname === '/end') {
        response.end('ended')
        await close()
        server.close()
        server.closeAllConnections()
        return
      }
      const answer = await routes[pathname](Object.fromEntries(searchParams))
      response.end(answer === undefined ? 'ok' : String(answer))
    } catch (error) {
      response.statusCode = 500
      response.end(String(error?.stack ?? error))
    }
  })
  server.listen(0, '127.0.0.1', () => console.log(`port ${server.address().port}`))
}

/** What every handler does: says what it handles now and in a timer, so that a test sees whose context that is. */
exports.handle = async function handle(name, n) {
  console.log(`handling ${name} ${n}`)
  await new Promise((resolve) => setTimeout(resolve, 5))
  console.log(`timer of ${name} ${n}`)
}

/** The stack of this call, without the paths. */
exports.frames = function frames() {
  const { stackTraceLimit } = Error
  Error.stackTraceLimit = 100
  const { stack } = new Error('here')
  Error.stackTraceLimit = stackTraceLimit
  return stack
}
