/**
 * The table of the bridges' specification, row by row, against real winston in this process.
 */
import { context, trace, ROOT_CONTEXT, TraceFlags } from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'

import { createLogCollector } from '../../../support/log-sink.ts'
import { createOutput, loadBridgedWinston } from '../../../support/winston.ts'

const collector = createLogCollector()
const { winston, bridge } = loadBridgedWinston({ records: collector.records })
const { format } = winston
beforeAll(() => context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable()))
afterAll(() => {
  bridge.disable()
  context.disable()
})
afterEach(() => {
  const more = collector.logs.splice(0).map(({ body }) => body)
  if (more.length > 0) throw new Error(`records that nobody asked for: ${JSON.stringify(more)}`)
})

function inSpan<T>(number: number, run: () => T): T {
  const spanContext = {
    traceId: `0af7651916cd43dd8448eb211c8031${String(number).padStart(2, '0')}`,
    spanId: 'b7ad6b7169203331',
    traceFlags: TraceFlags.SAMPLED,
  }
  return context.with(trace.setSpanContext(ROOT_CONTEXT, spanContext), run)
}
function make(options: object = {}): { logger: ReturnType<typeof winston.createLogger>; lines: string[] } {
  const { stream, lines } = createOutput()
  return {
    lines,
    logger: winston.createLogger({ transports: [new winston.transports.Stream({ stream })], ...options }),
  }
}
describe.each([
  ['without format.splat()', format.json()],
  ['with format.splat()', format.combine(format.splat(), format.json())],
])('arguments %s', (_name, used) => {
  test("info('took', 42)", () => {
    make({ format: used }).logger.info('took', 42)
    expect(collector.only()).toMatchObject({ body: 'took', attributes: { args: [42] } })
  })

  test("info('hi %s %d', 'bob', 3)", () => {
    make({ format: used }).logger.info('hi %s %d', 'bob', 3)
    const record = collector.only()
    expect(record.body).toBe('hi bob 3')
    expect(record.attributes).toEqual({})
  })

  test('all placeholders, and what is left over', () => {
    make({ format: used }).logger.info('%s %i %f %j %o %O %% end', 'a', 1.5, 2.5, { j: 1 }, [1], { O: 1 }, 'more', {
      c: 2,
    })
    const record = collector.only()
    expect(record.body).toBe('a 1 2.5 {"j":1} [ 1, [length]: 1 ] { O: 1 } % end')
    expect(record.attributes).toEqual({ args: ['more'], c: 2 })
  })

  test("info('a', 'b', {c: 1})", () => {
    make({ format: used }).logger.info('a', 'b', { c: 1 })
    const record = collector.only()
    expect(record.body).toBe('a')
    expect(record.attributes).toEqual({ args: ['b'], c: 1 })
  })

  test('a single text argument', () => {
    make({ format: used }).logger.info('a', 'bcd')
    expect(collector.only()).toMatchObject({ body: 'a', attributes: { args: ['bcd'] } })
  })

  test('what winston loses: a Date, a Map', () => {
    make({ format: used }).logger.info('at', new Date(0))
    expect(collector.only().attributes).toEqual({ args: ['1970-01-01T00:00:00.000Z'] })
    make({ format: used }).logger.info('map', new Map([['k', 1]]))
    expect(collector.only().attributes).toEqual({ args: [{ k: 1 }] })
  })

  test("error('failed', err)", () => {
    const error = Object.assign(new RangeError('boom'), { code: 'E1', detail: { http: 500 } })
    make({ format: used }).logger.error('failed', error)
    const { body, attributes } = collector.only()
    expect(body).toBe('failed')
    expect(attributes).toEqual({
      'exception.type': 'RangeError',
      'exception.message': 'boom',
      'exception.stacktrace': error.stack,
      'exception.code': 'E1',
      'exception.detail': { http: 500 },
    })
  })

  test("error('failed %s', 'x', err)", () => {
    make({ format: used }).logger.error('failed %s', 'x', new Error('boom'))
    const { body, attributes } = collector.only()
    expect(body).toBe('failed x')
    expect(attributes).toMatchObject({ 'exception.type': 'Error', 'exception.message': 'boom' })
    expect(attributes['args']).toBeUndefined()
  })
})

test('no row of printf or fields makes an exception', () => {
  const { logger } = make()
  logger.info('user created', { name: 'Bob', code: 7, message: 'x' })
  const created = collector.only()
  expect(created.body).toBe('user created x')
  expect(created.attributes).toEqual({ name: 'Bob', code: 7, message: 'x' })
  logger.error('x', { error: { code: 'E1', detail: 'd', http: { status: 500 } } })
  expect(collector.only().attributes).toEqual({ error: { code: 'E1', detail: 'd', http: { status: 500 } } })
  logger.info('x', { error: 'text', stack: 'eu-1', cause: 3 })
  expect(collector.only().attributes).toEqual({ error: 'text', stack: 'eu-1', cause: 3 })
})

describe.each([
  ['json', format.json()],
  ['errors({ stack: true })', format.combine(format.errors({ stack: true, cause: true }), format.json())],
  ['errors()', format.combine(format.errors(), format.json())],
])('errors with %s', (name, used) => {
  test('error(new TypeError(...)) with a cause', () => {
    const cause = new Error('c')
    const error = Object.assign(new TypeError('t', { cause }), { code: 'E_T' })
    make({ format: used }).logger.error(error)
    const { body, attributes, severityNumber } = collector.only()
    expect(body).toBe('t')
    expect(severityNumber).toBe(17)
    expect(attributes).toEqual({
      'exception.type': 'TypeError',
      'exception.message': 't',
      'exception.stacktrace': error.stack,
      'exception.cause': { type: 'Error', message: 'c', stacktrace: cause.stack },
      'exception.code': 'E_T',
    })
    // winston itself marks the object it is given; nothing else is on it.
    expect(Object.keys(error).toSorted()).toEqual(['code', 'level'])
  })

  test('an error without a message, as the message, under a key, in a child', () => {
    const { logger } = make({ format: used })
    logger.error(new RangeError(''))
    expect(collector.only()).toMatchObject({ body: 'RangeError', attributes: { 'exception.type': 'RangeError' } })
    logger.log({ level: 'warn', message: new TypeError('m') as unknown as string, a: 1 })
    expect(collector.only()).toMatchObject({ body: 'm', attributes: { a: 1, 'exception.type': 'TypeError' } })
    for (const key of ['err', 'error', 'cause']) {
      logger.error('x', { [key]: new TypeError('k'), a: 1 })
      const { attributes, body } = collector.only()
      expect(body).toBe('x')
      expect(attributes).toMatchObject({ a: 1, 'exception.message': 'k' })
      expect(attributes[key]).toBeUndefined()
    }
    logger.child({ a: 1 }).error(new TypeError('in child'))
    const { attributes } = collector.only()
    expect(attributes).toMatchObject({ a: 1, 'exception.type': 'TypeError', 'exception.message': 'in child' })
    expect(attributes['stack']).toBeUndefined()
    expect(name).toBeTypeOf('string')
  })
})

test('AggregateError', () => {
  make().logger.error('many', new AggregateError([new Error('a'), new TypeError('b')], 'both'))
  expect(collector.only().attributes).toMatchObject({
    'exception.type': 'AggregateError',
    'exception.errors': [
      { type: 'Error', message: 'a' },
      { type: 'TypeError', message: 'b' },
    ],
  })
})

test('an error that crossed a process boundary as JSON', () => {
  make().logger.error('x', {
    err: { name: 'DbError', message: 'm', stack: 'DbError: m\n    at q (db.js:1:1)', code: 'D1' },
  })
  expect(collector.only().attributes).toEqual({
    'exception.type': 'DbError',
    'exception.message': 'm',
    'exception.stacktrace': 'DbError: m\n    at q (db.js:1:1)',
    'exception.code': 'D1',
  })
})

test('values that JSON does not know', () => {
  const values = {
    d: new Date(0),
    b: 1n,
    m: new Map([['k', 1]]),
    s: new Set([1]),
    u: new URL('http://a/'),
  }
  make({ format: format.simple() }).logger.info('x', values)
  expect(collector.only().attributes).toEqual({
    d: '1970-01-01T00:00:00.000Z',
    b: '1',
    m: { k: 1 },
    s: [1],
    u: 'http://a/',
  })
})

test('one transports array shared by three loggers: one record per call', () => {
  const transports = [new winston.transports.Stream({ stream: createOutput().stream })]
  const loggers = [1, 2, 3].map(() => winston.createLogger({ transports }))
  for (const [index, logger] of loggers.entries()) logger.info(`from ${index}`)
  expect(collector.logs.splice(0).map(({ body }) => body)).toEqual(['from 0', 'from 1', 'from 2'])
})

test('several transports: one record per call', () => {
  const transports = [1, 2].map(() => new winston.transports.Stream({ stream: createOutput().stream }))
  winston.createLogger({ transports }).info('once')
  expect(collector.only().body).toBe('once')
})

test('ten transports: no warning about too many listeners that bare winston does not give', () => {
  let seen = 0
  const warned = vi.spyOn(process, 'emitWarning').mockImplementation(() => {})
  try {
    const make10 = () =>
      Array.from({ length: 10 }, () => new winston.transports.Stream({ stream: createOutput().stream }))
    const early = winston.createLogger({ transports: make10() })
    early.info('a')
    const late = winston.createLogger({})
    late.add(new winston.transports.Stream({ stream: createOutput().stream }))
    late.info('b')
    for (const transport of make10().slice(1)) late.add(transport)
    late.info('c')
  } finally {
    seen = warned.mock.calls.length
    warned.mockRestore()
  }
  expect(seen).toBe(0)
  expect(collector.logs.splice(0).map(({ body }) => body)).toEqual(['a', 'b', 'c'])
})

test('clear().add() and remove(): records go on', () => {
  const first = new winston.transports.Stream({ stream: createOutput().stream })
  const second = new winston.transports.Stream({ stream: createOutput().stream })
  const logger = winston.createLogger({ transports: [first] })
  logger.info('1')
  logger.clear().add(second)
  logger.info('2')
  logger.add(first)
  logger.remove(second)
  logger.info('3')
  expect(collector.logs.splice(0).map(({ body }) => body)).toEqual(['1', '2', '3'])
})

test('custom levels: numbers from the nearest known name', () => {
  const { logger } = make({ levels: { fatal: 0, error: 1, audit: 2, info: 3, trace: 4 }, level: 'trace' })
  for (const level of ['fatal', 'error', 'audit', 'info', 'trace']) logger.log(level, level)
  expect(collector.logs.splice(0).map(({ severityText, severityNumber }) => [severityText, severityNumber])).toEqual([
    ['fatal', 21],
    ['error', 17],
    ['audit', 17],
    ['info', 9],
    ['trace', 1],
  ])
})

test('syslog and npm levels', () => {
  for (const levels of [winston.config.syslog.levels, winston.config.npm.levels]) {
    const { logger } = make({ levels, level: Object.keys(levels).at(-1) })
    for (const level of Object.keys(levels)) logger.log(level, 'x')
  }
  expect(
    collector.logs.splice(0).map(({ severityText, severityNumber }) => `${severityText} ${severityNumber}`),
  ).toEqual(
    'emerg 23,alert 22,crit 21,error 17,warning 13,notice 10,info 9,debug 5,error 17,warn 13,info 9,http 7,verbose 6,debug 5,silly 1'.split(
      ',',
    ),
  )
})

describe('redaction formats of the application hold', () => {
  const hide = format((info) => {
    delete info['password']
    if (info['user'] !== undefined) (info['user'] as Record<string, unknown>)['pin'] = '***'
    return info
  })
  const secret = { password: 'hunter2', keep: 1 }

  test('at the logger', () => {
    make({ format: format.combine(hide(), format.json()) }).logger.info('x', { ...secret })
    expect(collector.only().attributes).toEqual({ keep: 1 })
  })

  test('at every transport, nested too; the output stays what it was', () => {
    const outputs = [createOutput(), createOutput()]
    const transports = outputs.map(
      ({ stream }) => new winston.transports.Stream({ stream, format: format.combine(hide(), format.json()) }),
    )
    winston.createLogger({ transports }).info('x', { ...secret, user: { name: 'a', pin: '1234' } })
    expect(collector.only().attributes).toEqual({ keep: 1, user: { name: 'a', pin: '***' } })
    expect(outputs.map(({ lines }) => lines.length)).toEqual([1, 1])
    expect(outputs[0]?.lines[0]).not.toContain('hunter2')
  })

  test('not when one transport prints it', () => {
    const transports = [
      new winston.transports.Stream({ stream: createOutput().stream, format: format.combine(hide(), format.json()) }),
      new winston.transports.Stream({ stream: createOutput().stream }),
    ]
    winston.createLogger({ transports }).info('x', { ...secret })
    expect(collector.only().attributes).toEqual({ password: 'hunter2', keep: 1 })
  })

  test('a message rewritten by all transports is exported as rewritten', () => {
    const scrub = format((info) => ({ ...info, message: String(info.message).replace('hunter2', '***') }))
    const transport = new winston.transports.Stream({
      stream: createOutput().stream,
      format: format.combine(scrub(), format.json()),
    })
    winston.createLogger({ transports: [transport] }).info('pw hunter2')
    expect(collector.only().body).toBe('pw ***')
  })

  test('a message coloured, padded or labelled by all transports is still the message', () => {
    const dressed = format.combine(
      format.colorize({ all: true }),
      format.padLevels(),
      format.label({ label: 'x', message: true }),
    )
    const transport = new winston.transports.Stream({ stream: createOutput().stream, format: dressed })
    winston.createLogger({ transports: [transport] }).info('plain')
    expect(collector.only().body).toBe('plain')
  })

  test('the stack that a format removed', () => {
    const noStack = format((info) => {
      delete info['stack']
      return info
    })
    make({ format: format.combine(noStack(), format.json()) }).logger.error('failed', new Error('boom'))
    expect(Object.keys(collector.only().attributes)).not.toContain('exception.stacktrace')
  })

  test('a format that swallows the record', () => {
    make({ format: format.combine(format(() => false)(), format.json()) }).logger.info('x')
    const transport = new winston.transports.Stream({ stream: createOutput().stream, format: format(() => false)() })
    winston.createLogger({ transports: [transport] }).info('y')
    expect(collector.logs).toEqual([])
  })

  test('metadata() at a transport removes nothing', () => {
    const transport = new winston.transports.Stream({
      stream: createOutput().stream,
      format: format.combine(format.metadata(), format.json()),
    })
    winston.createLogger({ transports: [transport] }).info('x', { a: 1 })
    expect(collector.only().attributes).toEqual({ a: 1 })
  })
})

test('colorize({ all: true }): no ANSI codes in the body', () => {
  make({ format: format.combine(format.colorize({ all: true }), format.simple()) }).logger.info('red')
  expect(collector.only()).toMatchObject({ body: 'red', severityText: 'info' })
})

describe('hostile infos', () => {
  test('frozen meta, Proxy, getters that throw: no exception, the rest arrives', () => {
    const { logger, lines } = make({ format: format.printf(({ message }) => String(message)) })
    logger.info('a', Object.freeze({ x: 1 }))
    expect(collector.only().attributes).toEqual({ x: 1 })
    const own = { level: 'info', message: 'b', y: 1 }
    logger.log(
      new Proxy(own, {
        ownKeys: () => {
          throw new Error('no keys')
        },
      }),
    )
    expect(collector.only().body).toBe('b')
    const bad = { level: 'info', message: 'c', z: 1 }
    Object.defineProperty(bad, 'bad', {
      enumerable: true,
      get: () => {
        throw new Error('no')
      },
    })
    logger.log(bad)
    expect(collector.only()).toMatchObject({ body: 'c', attributes: { z: 1, bad: '[Getter]' } })
    expect(lines).toEqual(['a', 'b', 'c'])
  })

  test('what bare winston throws on it still throws on', () => {
    const { logger } = make()
    expect(() => logger.log(Object.freeze({ level: 'info', message: 'x' }))).toThrow(TypeError)
  })

  test('a frozen info that a format returns', () => {
    const { logger, lines } = make({ format: format.combine(format.json(), format((info) => Object.freeze(info))()) })
    inSpan(1, () => logger.info('x', { a: 1 }))
    expect(collector.only().attributes).toEqual({ a: 1 })
    expect(lines).toEqual(['{"a":1,"level":"info","message":"x"}'])
  })

  test('the caller is never changed', () => {
    const meta = { a: { b: 1 } }
    const { logger } = make()
    inSpan(1, () => logger.info('x', meta))
    expect(Reflect.ownKeys(meta)).toEqual(['a'])
    expect(collector.only().attributes).toEqual({ a: { b: 1 } })
  })
})

test('the same message object logged twice in two requests: each with its own trace', () => {
  const { logger, lines } = make()
  const info = { level: 'info', message: 'same' }
  inSpan(1, () => logger.log(info))
  inSpan(2, () => logger.log(info))
  expect(collector.logs.splice(0).map(({ traceId }) => traceId.slice(-2))).toEqual(['01', '02'])
  expect(lines.map((line) => (JSON.parse(line) as { trace_id: string }).trace_id.slice(-2))).toEqual(['01', '02'])
})

describe('scope, time, envelope', () => {
  test('the id in winston.loggers, the label, else winston with its version', () => {
    const { stream } = createOutput()
    const transports = [new winston.transports.Stream({ stream })]
    winston.loggers.add('billing', { transports }).info('x')
    expect(collector.only().scope).toEqual({ name: 'billing', version: winston.version })
    winston.loggers.get('billing').child({ label: 'child' }).info('x')
    expect(collector.only()).toMatchObject({ scope: { name: 'child' }, attributes: { label: 'child' } })
    make({ format: format.combine(format.label({ label: 'web' }), format.json()) }).logger.info('x')
    expect(collector.only()).toMatchObject({ scope: { name: 'web' }, attributes: {} })
    make().logger.info('x')
    expect(collector.only().scope.name).toBe('winston')
    const container = new winston.Container()
    container.add('own', { transports }).info('x')
    expect(collector.only().scope.name).toBe('own')
  })

  test("what format.timestamp() adds is the record's time", () => {
    make({ format: format.combine(format.timestamp(), format.json()) }).logger.info('x')
    expect(collector.only().attributes).toEqual({})
    // Finer than what the format writes is the time of the call.
    const seconds = () => new Date().toISOString().replace(/\.\d+/, '')
    make({ format: format.timestamp({ format: seconds }) }).logger.info('x', { timestamp: 'overwritten by the format' })
    const record = collector.only()
    expect(record.attributes).toEqual({})
    expect(record.timeUnixNano % 1_000_000_000n).not.toBe(0n)
  })

  test.each([
    { timestamp: '1600000000000' },
    { timestamp: '2024-09-12T14:35:22.001Z' },
    { timestamp: 1_900_000_000 },
    { timestamp: 'yesterday' },
    { timestamp: new Date().toISOString() },
    { label: 'fragile' },
    { level: 'gold' },
    { message: 'from the queue' },
    { level: 3, message: 'm', timestamp: '1', label: 'l', id: 'JOB-7', service: 'billing' },
  ])("the caller's fields stay the caller's: %o", (fields) => {
    for (const each of [format.json(), format.combine(format.timestamp(), format.json())]) {
      const { logger } = make({ format: each })
      logger.info('consumed', fields)
      const { attributes, timeUnixNano, observedTimeUnixNano } = collector.only()
      expect(attributes).toEqual(fields)
      expect(Number(observedTimeUnixNano - timeUnixNano)).toBeLessThan(2e9)
      expect(Number(observedTimeUnixNano - timeUnixNano)).toBeGreaterThanOrEqual(0)
    }
  })

  test('fields of defaultMeta and of children stay fields, and a label is the scope too', () => {
    const { logger } = make({ defaultMeta: { label: 'web', timestamp: '1600000000000', service: 's' } })
    logger.info('x')
    expect(collector.only()).toMatchObject({
      scope: { name: 'web' },
      attributes: { label: 'web', timestamp: '1600000000000', service: 's' },
    })
    logger.child({ id: 'JOB-7' }).info('x')
    expect(collector.only().attributes).toMatchObject({ label: 'web', id: 'JOB-7' })
  })

  test('a message in the fields that the format takes out of the text is not told', () => {
    const hide = format((info) => ({ ...info, message: String(info.message).replaceAll(/\d{4}/g, '****') }))
    make({ format: hide() }).logger.info('card', { message: '4111' })
    const { body, attributes } = collector.only()
    expect({ body, attributes }).toEqual({ body: 'card ****', attributes: {} })
  })

  test("the part of the time that winston's own timestamp cuts is put back", () => {
    const { logger } = make({ format: format.combine(format.timestamp(), format.json()) })
    for (let i = 0; i < 20; i++) logger.info('x')
    const all = collector.logs.splice(0).map(({ timeUnixNano }) => timeUnixNano)
    // A line that waited longer than that for its processor keeps the time that it has.
    const times = all.filter((time) => time % 1_000_000n !== 0n)
    expect(times).not.toEqual([])
    expect(times).toEqual(times.toSorted((a, b) => Number(a - b)))
  })

  test('metadata() keeps the nesting, and the error in it', () => {
    const { logger } = make({ format: format.combine(format.metadata(), format.json()) })
    logger.error('x', { a: 1, err: new Error('boom') })
    const { attributes } = collector.only()
    expect(attributes).toMatchObject({ metadata: { a: 1 }, 'exception.message': 'boom' })
    expect(attributes['metadata']).not.toHaveProperty('err')
  })

  test('defaultMeta, child, profile, startTimer, the default logger', () => {
    const { logger } = make({ defaultMeta: { service: 's' } })
    logger.child({ request: 7 }).info('x', { a: 1 })
    expect(collector.only().attributes).toEqual({ service: 's', request: 7, a: 1 })
    logger.profile('job')
    logger.profile('job')
    expect(collector.only()).toMatchObject({ body: 'job', attributes: { durationMs: expect.any(Number) as number } })
    logger.startTimer().done({ message: 'done', level: 'warn' })
    expect(collector.only()).toMatchObject({ body: 'done', severityNumber: 13 })
    winston.add(new winston.transports.Stream({ stream: createOutput().stream }))
    winston.warn('default', { b: 2 })
    expect(collector.only()).toMatchObject({ body: 'default', attributes: { b: 2 } })
  })

  test('an event name', () => {
    make().logger.info('x', { 'otel.event.name': 'cart.paid', a: 1 })
    expect(collector.only()).toMatchObject({ eventName: 'cart.paid', attributes: { a: 1 } })
  })
})

describe('levels', () => {
  test('unset: what at least one transport prints', () => {
    const silent = new winston.transports.Stream({ stream: createOutput().stream, silent: true })
    winston.createLogger({ transports: [silent] }).error('x')
    const { stream } = createOutput()
    const logger = winston.createLogger({
      level: 'info',
      transports: [
        new winston.transports.Stream({ stream, level: 'debug' }),
        new winston.transports.Stream({ stream, level: 'error' }),
      ],
    })
    logger.debug('printed')
    logger.silly('not printed')
    expect(collector.only().body).toBe('printed')
    logger.silent = true
    logger.error('x')
    logger.silent = false
    logger.level = 'silly'
    logger.silly('not printed, for the transports have their own levels')
    logger.debug('again')
    expect(collector.only().body).toBe('again')
  })

  test('handlers for exceptions and rejections take nothing else', () => {
    const { stream } = createOutput()
    const logger = winston.createLogger({
      level: 'info',
      transports: [new winston.transports.Stream({ stream })],
      exceptionHandlers: [new winston.transports.Stream({ stream })],
      rejectionHandlers: [new winston.transports.Stream({ stream })],
    })
    logger.debug('not printed')
    logger.debug('not printed')
    expect(collector.logs).toEqual([])
    logger.info('printed')
    expect(collector.only().body).toBe('printed')
    logger.exceptions.unhandle()
    logger.rejections.unhandle()
  })

  test('set: it alone decides, whatever is printed', () => {
    const { logger, lines } = make({ level: 'info' })
    collector.gate.setLevel(5)
    logger.debug('exported, not printed')
    expect(collector.only().body).toBe('exported, not printed')
    expect(lines).toEqual([])
    collector.gate.setLevel(17)
    logger.info('printed, not exported')
    expect(lines.length).toBe(1)
    collector.gate.setLevel(1, 'db')
    make({ level: 'info', format: format.combine(format.label({ label: 'db' }), format.json()) }).logger.silly(
      'labelled',
    )
    expect(collector.only().body).toBe('labelled')
    logger.silent = true
    logger.error('x')
  })
})
