/**
 * Calls of bunyan, each case with a logger of its own whose name is the case's: so records say which case they are of.
 *
 * Prints one JSON: per case the lines that its streams got, and what the application saw besides.
 */
const http = require('node:http')
const util = require('node:util')

const hostname = 'h'

module.exports = async function run(bunyan) {
  const lines = {}
  const seen = {}
  const keep = (name) => ({ write: (line) => void (lines[name] ??= []).push(line) })
  const make = (name, options = {}) => bunyan.createLogger({ name, hostname, pid: 1, stream: keep(name), ...options })
  const err = bunyan.stdSerializers.err

  make('text').info('hello')
  make('printf').info('hi %s %d', 'bob', 3)
  make('fields').info({ user: 'bob', n: 3, ok: true, nil: null, list: [1, 'b'] }, 'with fields')
  make('map').error({ error: { code: 'E1', detail: 'd', http: { status: 500 } } }, 'x')
  make('error alone').error(new TypeError('boom'))
  make('error and text').error(new TypeError('own'), 'failed')
  make('error in fields').error({ err: Object.assign(new TypeError('own'), { code: 'E7' }) }, 'failed')
  make('error serialized', { serializers: { err } }).error(
    { err: Object.assign(new TypeError('own'), { code: 'E7' }) },
    'failed',
  )
  make('values').info(
    { d: new Date(0), m: new Map([['k', 1]]), s: new Set([1]), u: new URL('http://a/'), r: /x/, f: 1.5, un: undefined },
    'x',
  )
  const hostile = { ok: 1 }
  hostile.self = hostile
  const toJSON = { calls: 0, toJSON: () => ({ told: ++toJSON.calls }) }
  make('hostile').info({ hostile, toJSON, lone: '\ud800', [Symbol('s')]: 1 }, 'x')
  seen.toJSON = toJSON.calls
  const frozen = Object.freeze({ a: 1 })
  make('frozen').info(frozen, 'x')
  make('colours').info('\u001b[31mred\u001b[39m')
  make('levels', { level: 'trace' }).trace('t')
  const levels = make('levels', { level: 'trace' })
  for (const level of ['debug', 'info', 'warn', 'error', 'fatal']) levels[level](level)
  levels.info({ level: 35 }, 'of its own')
  make('off').debug('not printed')
  const changed = make('changed')
  changed.debug('not yet')
  changed.level('debug')
  changed.debug('now')
  changed.addStream({ type: 'stream', level: 'trace', stream: keep('changed') })
  changed.trace('more')

  const several = make('several', {
    stream: undefined,
    streams: [
      { stream: keep('several'), level: 'info' },
      { stream: keep('several'), level: 'error' },
      { type: 'raw', level: 'info', stream: { write: (rec) => (seen.raw = Object.keys(rec)) } },
    ],
  })
  several.info('twice')
  several.child({ a: 1 }).info('child')
  several.child({ b: 2 }, true).info('simple child')
  several.child({ c: 3 }, true).child({ d: 4 }).error('grandchild')
  seen.streams = [several.streams.length, several.levels().join(), several.level()]
  seen.keys = Object.keys(several)
  seen.prototype = Object.keys(bunyan.prototype)
  seen.enabled = [several.info(), several.debug()]
  const ring = new bunyan.RingBuffer({ limit: 2 })
  make('ring', { stream: undefined, streams: [{ type: 'raw', stream: ring }] }).info({ a: 1 }, 'kept')
  seen.ring = util.inspect(ring.records[0]).replace(/time: .*/, '')

  make('own names').info({ name: 'Bob', pid: 7, hostname: 'other', v: 9, msg: 'lost' }, 'x')
  make('own time').info({ time: new Date(1e12) }, 'dated')
  make('no time').info({ time: 'tomorrow' }, 'x')
  make('source', { src: true }).info('where')
  let frames
  const tell = () => void (frames ??= new Error('here').stack.split('\n').slice(1, 9).join('\n'))
  make('serializer', { serializers: { user: (user) => (tell(), user.name) } }).info({ user: { name: 'bob', p: 1 } }, 'x')
  seen.serializer = frames
  frames = undefined
  make('stream frames', { stream: { write: tell } }).info('x')
  seen.stream = frames
  frames = undefined
  make('toJSON frames').info({ w: { toJSON: () => (tell(), 1) } }, 'x')
  seen.json = frames

  let isInner = false
  const writes = []
  const outer = make('recursive', {
    stream: {
      write(line) {
        writes.push(JSON.parse(line).msg)
        if (isInner) return
        isInner = true
        outer.info('inner')
        outer.child({ c: 1 }, true).info('child of the write')
      },
    },
  })
  outer.info('outer')
  seen.recursive = [writes, outer.streams.length]
  const throwing = make('throwing', { stream: { write: () => { throw new Error('disk') } } })
  for (const text of ['first', 'second']) {
    try {
      throwing.info(text)
    } catch (error) {
      ;(seen.thrown ??= []).push(error.message)
    }
  }
  await new Promise((resolve) => setImmediate(resolve))
  try {
    throwing.info('third')
  } catch {}
  seen.throwing = throwing.child({}, true).streams.filter(({ type }) => type !== undefined).length
  seen.string = bunyan.prototype._emit.call(make('noemit'), { level: 30, msg: 'only a text' }, true).trim()
  make('console', { stream: { write: (line) => console.log(line.trimEnd()) } }).info('once')

  await inRequest(() => {
    const log = make('traced')
    log.info({ a: 1 }, 'in a request')
    log.child({ component: 'c' }, true).info('simple child')
    const child = log.child({ component: 'd' })
    child.info('child')
    make('own trace', { trace_id: 'mine' }).info('x')
    child.child({ trace_id: 'mine' }, true).info('child with its own')
    seen.child = child
    return new Promise((resolve) => setImmediate(() => resolve(log.info('later'))))
  })
  seen.child.info('after the request')
  delete seen.child
  await inRequest(() => make('traced').info('second request'))
  process.stdout.write(JSON.stringify({ lines, seen }))
}

function inRequest(handle) {
  return new Promise((resolve) => {
    const server = http.createServer(async (_, response) => {
      await handle()
      response.end()
    })
    server.listen(0, '127.0.0.1', () =>
      http.get({ port: server.address().port, host: '127.0.0.1', path: '/r' }, (answer) => {
        answer.resume().on('end', () => server.close(resolve))
      }),
    )
  })
}
