// Asks each framework that is named as argument: two requests at once, each with a trace of its own, then one that fails, one that its
// handler answers with 404, one that no route is for. Prints what was answered and what the handlers have seen.
const { connect } = require('node:net')
const { once } = require('node:events')

const frameworks = require('./frameworks.cjs')

Error.stackTraceLimit = 200

const request = () => globalThis[Symbol.for('org.tracelog.v1')]?.currentRequest()
const traceOf = (id) => `00-${id.padStart(32, '0')}-00000000000000aa-01`

/** @param load  a package by its name */
module.exports = async function ask(load) {
  const told = {}
  for (const name of process.argv.slice(2)) told[name] = await askOne(name, load)
  process.stdout.write(JSON.stringify(told))
}

async function askOne(name, load) {
  const { packages, build } = frameworks[name]
  const libraries = {}
  for (const one of packages) libraries[one] = await load(one)
  const seen = []
  const see = (id, when, own) => {
    const frames = new Error().stack.split('\n').slice(1)
    const ours = frames.filter((line) => /\bengine(?:-\w+)?\.cjs/.test(line))
    // How deep a timer's stack is depends on how many timers are due.
    seen.push({ id, when, ours, own: own?.join(' '), trace: request()?.traceId.slice(-1), ...(when === 'later' ? {} : { depth: frames.length }) })
  }
  const server = await build(libraries, see)
  if (!server.listening) await once(server.listen(0, '127.0.0.1'), 'listening')
  const get = (path, trace) => getStatus(server.address().port, path, { trace, name })
  const statuses = await Promise.all([get('/api/users/a', 'a'), get('/api/users/b', 'b')])
  for (const path of ['/api/fails', '/api/gone', '/none']) statuses.push(await get(path, 'c'))
  server.close()
  server.closeAllConnections()
  return { statuses, seen }
}

/** By hand: a client of Node's would be a hop of its own. */
async function getStatus(port, path, { trace, name }) {
  const socket = connect(port, '127.0.0.1')
  const headers = ['host: test', 'connection: close', `traceparent: ${traceOf(trace)}`, `user-agent: ${name}`]
  socket.write(`GET ${path} HTTP/1.1\r\n${headers.join('\r\n')}\r\n\r\n`)
  let text = ''
  for await (const piece of socket) text += piece
  return Number(text.slice(9, 12))
}
