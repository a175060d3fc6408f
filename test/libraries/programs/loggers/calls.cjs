/**
 * The calls of test/contract/logger.contract.ts, each in a request of its own, so that its records are found by their trace.
 *
 * A logger's program gives an adapter: `make(options)` -> { logger, lines } (what it prints, line by line), `log(logger, level, call)` with
 * call = { message, args, fields, error }, and `rows` of its own. Printed at the end: of each row its trace, its lines and what it returned.
 */
const { createServer } = require('node:http')

const { flushed } = require('./flushed.cjs')

const rows = {
  placeholders({ make, log }) {
    log(make().logger, 'info', { message: 'hi %s %d', args: ['bob', 3] })
  },
  'plain fields'({ make, log }) {
    log(make().logger, 'info', { message: 'took', fields: { ms: 42, route: '/a', isFast: true, size: 1.5, none: null } })
  },
  'an object under error'({ make, log }) {
    log(make().logger, 'error', { message: 'x', fields: { error: { code: 'E1', detail: 'd', http: { status: 500 } } } })
  },
  'an error with a message'({ make, log }) {
    log(make().logger, 'error', { message: 'failed', error: Object.assign(new RangeError('boom'), { code: 'E1' }) })
  },
  'an error under err'({ make, log }) {
    log(make().logger, 'error', { message: 'failed', fields: { err: new RangeError('boom') } })
  },
  'an error alone, with a cause'({ make, log }) {
    const error = new TypeError('t', { cause: new Error('c') })
    log(make().logger, 'error', { error })
    return Reflect.ownKeys(error).map(String)
  },
  values({ make, log }) {
    const fields = { d: new Date(0), m: new Map([['k', 1]]), s: new Set([1]), u: new URL('http://a/'), n: { deep: [1] } }
    log(make().logger, 'info', { message: 'x', fields })
  },
  levels({ make, log, levels }) {
    const { logger } = make({ level: levels[0] })
    for (const level of levels) log(logger, level, { message: level })
  },
  'a level that is off'({ make, log }) {
    const { logger } = make()
    log(logger, 'debug', { message: 'never' })
    log(logger, 'info', { message: 'once' })
  },
  'a level changed while running'({ make, log, setLevel }) {
    const { logger } = make()
    log(logger, 'debug', { message: 'before' })
    setLevel(logger, 'debug')
    log(logger, 'debug', { message: 'after' })
    setLevel(logger, 'info')
    log(logger, 'debug', { message: 'again' })
  },
  'several streams'({ make, log }) {
    log(make({ streams: 3 }).logger, 'info', { message: 'one record' })
  },
  'children of children'({ make, log, child }) {
    log(child(child(make().logger, { a: 1 }), { b: 'two' }), 'warn', { message: 'kid', fields: { c: 3 } })
  },
  'the same object twice'({ make, log }) {
    const { logger } = make()
    const fields = Object.freeze({ a: 1 })
    log(logger, 'info', { message: 'first', fields })
    log(logger, 'info', { message: 'second', fields })
  },
  'a trace of its own'({ make, log }) {
    log(make().logger, 'info', { message: 'own', fields: { trace_id: 'mine' } })
  },
  'colours in the message'({ make, log }) {
    log(make().logger, 'info', { message: '\u001B[31mred\u001B[39m' })
  },
  'values that resist'({ make, log }) {
    const { logger } = make()
    const circular = { a: 1 }
    circular.self = circular
    log(logger, 'info', { message: 'frozen', fields: Object.freeze({ a: 1 }) })
    log(logger, 'info', { message: 'circular', fields: { circular } })
  },
  "frames in the application's stacks"({ make, log }) {
    const stacks = []
    const note = () => {
      const { stackTraceLimit } = Error
      Error.stackTraceLimit = 100
      stacks.push(new Error('here').stack)
      Error.stackTraceLimit = stackTraceLimit
    }
    const { logger } = make({ onWrite: note })
    log(logger, 'info', { message: 'x', fields: { value: { toJSON: () => (note(), 'json') } } })
    return stacks
  },
}

/** Runs all rows, prints what came of them, and ends. */
exports.run = async function run(adapter) {
  const all = { ...rows, ...adapter.rows }
  const results = {}
  const server = createServer((request, response) => {
    const name = decodeURIComponent(request.url.slice(1))
    const result = (results[name] = { lines: [] })
    result.traceId = globalThis[Symbol.for('org.tracelog.v1')]?.currentRequest()?.traceId
    const make = (options = {}) => {
      const made = adapter.make({ ...options, onLine: (line) => result.lines.push(line) })
      return made
    }
    Promise.resolve()
      .then(() => all[name]({ ...adapter, make }))
      .then(
        (seen) => (result.seen = seen),
        (error) => (result.threw = error.stack),
      )
      .finally(() => response.end())
  })
  await new Promise((listening) => server.listen(0, '127.0.0.1', listening))
  const { port } = server.address()
  for (const name of Object.keys(all)) await (await fetch(`http://127.0.0.1:${port}/${encodeURIComponent(name)}`)).text()
  server.closeAllConnections()
  server.close()
  await flushed()
  process.stdout.write(JSON.stringify(results))
}
