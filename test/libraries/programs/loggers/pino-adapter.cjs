/** pino for calls.cjs. @param pino  as the program's module system gives it */
exports.adapterOf = function adapterOf(pino) {
  const streamOf = ({ onLine, onWrite }) => ({
    write(line) {
      onWrite?.()
      onLine(line)
    },
  })
  const make = ({ streams = 1, level = 'info', onLine, onWrite, ...options }) => {
    const stream = streamOf({ onLine, onWrite })
    const destination =
      streams === 1 ? stream : pino.multistream(Array.from({ length: streams }, () => ({ level: 'trace', stream })))
    return { logger: pino({ level, ...options }, destination) }
  }
  return {
    make,
    levels: ['trace', 'debug', 'info', 'warn', 'error', 'fatal'],
    setLevel: (logger, level) => void (logger.level = level),
    child: (logger, bindings) => logger.child(bindings),
    log(logger, level, { message, args = [], fields, error }) {
      if (error !== undefined && message === undefined) logger[level](error)
      else if (error ?? fields) logger[level](error ?? fields, message, ...args)
      else logger[level](message, ...args)
    },
    rows: rowsOf(pino),
  }
}

function rowsOf(pino) {
  const calls = { serializer: 0, log: 0 }
  return {
    'error({err}) alone': ({ make }) => make().logger.error({ err: new RangeError('boom') }),
    'custom levels': ({ make }) => {
      const { logger } = make({ level: 'audit', customLevels: { audit: 35, minor: 5 }, useOnlyCustomLevels: true })
      logger.audit('a')
      make({ customLevels: { audit: 35 } }).logger.audit('b')
    },
    redact: ({ make }) => {
      const options = { redact: ['password', '*.token', 'err.config', 'bound.secret'] }
      const logger = make(options).logger.child({ bound: { secret: 'hunter2', open: 1 } })
      logger.info({ password: 'hunter2', user: { token: 'hunter2', name: 'bob' } }, 'in')
      logger.error({ err: Object.assign(new Error('e'), { config: 'hunter2' }) }, 'failed')
    },
    'formatters and serializers': ({ make }) => {
      const { logger } = make({
        formatters: { log: (object) => (calls.log++, { ...object, added: 1, secret: undefined }) },
        serializers: { user: (user) => (calls.serializer++, { id: user.id }) },
      })
      logger.info({ user: { id: 7, password: 'hunter2' }, secret: 'hunter2' }, 'formatted')
      make({ serializers: { user: (user) => (calls.serializer++, { id: user.id }) } }).logger.info(
        { user: { id: 7, password: 'hunter2' }, at: new Date(0) },
        'serialized',
      )
      return calls
    },
    'options of keys': ({ make }) => {
      make({ nestedKey: 'payload' }).logger.info({ a: 1 }, 'nested')
      make({ messageKey: 'message' }).logger.info({ a: 1 }, 'message')
      make({ errorKey: 'problem' }).logger.error({ problem: new RangeError('boom') }, 'failed')
      make({ mixin: () => ({ mixed: 1 }) }).logger.info({ a: 1 }, 'mixin')
      make({ msgPrefix: '[p] ' }).logger.info('prefixed')
      make({ base: { service: 'x' } }).logger.info('base')
      make({ crlf: true }).logger.info({ a: 1 }, 'crlf')
    },
    names: ({ make }) => {
      make({ name: 'orders' }).logger.info('root')
      make({ name: 'orders' }).logger.child({ name: 'inner' }).info('child')
      make().logger.info({ name: 'Bob', level: 'gold', pid: 1 }, 'fields of the caller')
    },
    times: ({ make }) => {
      const { isoTime, epochTime, unixTime } = pino.stdTimeFunctions
      for (const timestamp of [isoTime, epochTime, unixTime, false]) make({ timestamp }).logger.info('now')
      make({ timestamp: () => ',"at":"2001-02-03T04:05:06.789Z"' }).logger.info('then')
      make({ timestamp: () => ',"at":"noon"' }).logger.info('noon')
    },
    'streams above the level': ({ make }) => {
      const lines = []
      const stream = { write: (line) => lines.push(line) }
      const logger = pino({ level: 'debug' }, pino.multistream([{ level: 'warn', stream }, { level: 'error', stream }]))
      logger.info('not printed')
      logger.warn('printed')
      make().logger.info(lines.length)
    },
    'traces in lines': ({ make }) => {
      const { logger } = make()
      logger.info('plain')
      logger.child({ trace_id: 'bound' }).info('bound')
      make({ mixin: () => ({ trace_id: 'mixed' }) }).logger.info('mixed')
      make({ formatters: { log: (object) => ({ ...object, trace_id: 'formatted' }) } }).logger.info('formatted')
      make({ serializers: { trace_id: String } }).logger.info({ trace_id: 'serialized' }, 'serialized')
      make({ serializers: { user: () => (logger.info('within'), 'u') } }).logger.info({ user: 1 }, 'around')
    },
    'values that throw': ({ make }) => {
      const { logger } = make()
      const no = () => {
        throw new Error('no')
      }
      logger.info({ a: 1, hostile: new Proxy({}, { ownKeys: no }) }, 'proxy')
      logger.info({ a: 1, b: Object.defineProperty({}, 'no', { enumerable: true, get: no }) }, 'getter')
      logger.info(new Proxy({ a: 1 }, {}), 'proxy of plain fields')
    },
    silence: ({ make }) => {
      make({ level: 'silent' }).logger.fatal('silent')
      make({ enabled: false }).logger.fatal('not enabled')
    },
    'null and numbers': ({ make }) => {
      const { logger } = make()
      logger.info(null)
      logger.info(7)
      logger.info({ msg: 'in the object' })
      logger.info({ a: 1 })
      logger.info({ big: 1n, nan: Number.NaN, zero: -0, un: undefined, sym: Symbol('s') }, 'odd')
    },
    'by console.log': ({ make }) => {
      pino({}, { write: (line) => console.error(line) }).info('by console')
      console.error('its own')
      make()
    },
    "pino's own look": ({ make }) => {
      const { logger } = make()
      return [Object.keys(logger), typeof logger.debug, logger.debug.name, logger.debug.length, logger.debug('x'), logger.isLevelEnabled('debug')]
    },
  }
}
