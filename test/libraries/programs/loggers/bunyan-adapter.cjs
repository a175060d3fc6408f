/** bunyan for calls.cjs. @param bunyan  as the program's module system gives it */
exports.adapterOf = function adapterOf(bunyan) {
  const make = ({ streams = 1, onLine, onWrite, ...options }) => {
    const stream = {
      write(line) {
        onWrite?.()
        onLine(line)
      },
    }
    const own = Array.from({ length: streams }, () => ({ stream, level: options.level ?? 'info' }))
    const given = Array.isArray(streams) ? streams : own
    return { logger: bunyan.createLogger({ name: 'bunyan', hostname: 'h', pid: 1, streams: given, ...options }) }
  }
  return {
    make,
    levels: ['trace', 'debug', 'info', 'warn', 'error', 'fatal'],
    setLevel: (logger, level) => logger.level(level),
    child: (logger, bindings) => logger.child(bindings),
    log(logger, level, { message, args = [], fields, error }) {
      if (error !== undefined && message === undefined) logger[level](error)
      else if (error ?? fields) logger[level](error ?? fields, message, ...args)
      else logger[level](message, ...args)
    },
    rows: rowsOf(bunyan),
  }
}

function rowsOf(bunyan) {
  const withStream = (make, stream, options = {}) => make({ ...options, streams: [{ level: 'info', ...stream }] }).logger
  return {
    names({ make }) {
      make({ name: 'orders' }).logger.info('root')
      make({ name: 'orders' }).logger.child({ a: 1 }, true).info('child')
      make().logger.info({ name: 'Bob', pid: 7, hostname: 'other', v: 9, msg: 'lost' }, 'fields of the caller')
    },
    times({ make }) {
      make().logger.info({ time: new Date(1e12) }, 'dated')
      make().logger.info({ time: 'tomorrow' }, 'no time')
    },
    'a level of its own': ({ make }) => make({ level: 'trace' }).logger.info({ level: 35 }, 'between'),
    serializers({ make }) {
      const own = (code) => Object.assign(new RangeError('boom'), { code })
      make({ serializers: { err: bunyan.stdSerializers.err } }).logger.error({ err: own('E7') }, 'failed')
      make({ serializers: { user: (user) => user.name } }).logger.info({ user: { name: 'bob', p: 1 } }, 'user')
    },
    'odd values'({ make }) {
      const toJSON = { calls: 0, toJSON: () => ({ told: ++toJSON.calls }) }
      make().logger.info({ toJSON, lone: '\uD800', r: /x/, f: 1.5, un: undefined, [Symbol('s')]: 1 }, 'x')
      return toJSON.calls
    },
    'the place of the call': ({ make }) => make({ src: true }).logger.info('where'),
    'streams of all kinds'({ make }) {
      const raw = []
      const stream = { write: () => {} }
      const { logger } = make({
        streams: [{ stream, level: 'info' }, { stream, level: 'error' }, { type: 'raw', level: 'info', stream: { write: (record) => raw.push(Object.keys(record)) } }],
      })
      logger.info('twice')
      logger.child({ b: 2 }, true).info('simple child')
      logger.child({ c: 3 }, true).child({ d: 4 }).error('grandchild')
      const looks = [logger.streams.length, logger.levels().join(), logger.level(), logger.info(), logger.debug()]
      return [...looks, ...raw.map((keys) => keys.filter(isNoTrace)), Object.keys(logger), Object.keys(bunyan.prototype)]
    },
    'a stream that is added'({ make }) {
      const { logger } = make()
      logger.addStream({ type: 'stream', level: 'trace', stream: { write: () => {} } })
      logger.trace('more')
    },
    'records in a ring'({ make }) {
      const ring = new bunyan.RingBuffer({ limit: 2 })
      withStream(make, { type: 'raw', stream: ring }).info({ a: 1 }, 'kept')
      return Object.keys(ring.records[0]).filter(isNoTrace)
    },
    'a stream that logs'({ make }) {
      const written = []
      const logger = withStream(make, {
        stream: {
          write(line) {
            written.push(JSON.parse(line).msg)
            if (written.length > 1) return
            logger.info('inner')
            logger.child({ c: 1 }, true).info('child of the write')
          },
        },
      })
      logger.info('outer')
      return [written, logger.streams.length]
    },
    async 'a stream that throws'({ make }) {
      const write = () => {
        throw new Error('disk')
      }
      const logger = withStream(make, { stream: { write } })
      const thrown = ['first', 'second', 'third'].map((text) => {
        try {
          return logger.info(text)
        } catch (error) {
          return error.message
        }
      })
      await new Promise((resolve) => setImmediate(resolve))
      return [...thrown, logger.child({}, true).streams.filter(({ type }) => type !== undefined).length]
    },
    'only a text': ({ make }) => bunyan.prototype._emit.call(make().logger, { level: 30, msg: 'only a text' }, true).trim(),
    'by console.log': ({ make }) => withStream(make, { stream: { write: (line) => console.error(line) } }).info('by console'),
    'traces of calls': ({ make }) => {
      const raw = []
      const { logger } = make()
      logger.addStream({ type: 'raw', stream: { write: (record) => raw.push(Object.keys(record).filter((key) => !isNoTrace(key)).join()) } })
      logger.info({ trace_id: 'mine' }, 'first')
      logger.info({ trace_id: 'mine' }, 'second')
      logger.info({ trace_id: 'mine', span_id: 'my span' }, 'third')
      logger.info('ours')
      return raw
    },
    async 'traces in lines'({ make }) {
      const { logger } = make()
      logger.info({ a: 1 }, 'plain')
      const child = logger.child({ component: 'd' })
      child.info('child')
      child.child({ trace_id: 'mine' }, true).info('bound')
      make({ trace_id: 'mine' }).logger.info('of the logger')
      await new Promise((resolve) => setImmediate(resolve))
      logger.info('later')
    },
  }
}

const isNoTrace = (key) => !['trace_id', 'span_id', 'trace_flags'].includes(key)
