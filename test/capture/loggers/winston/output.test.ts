/**
 * The application's own output is what bare winston writes, byte for byte, but for the trace's keys in JSON lines.
 */
import { context, ROOT_CONTEXT, trace, TraceFlags } from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import { Writable } from 'node:stream'
import type * as Winston from 'winston'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'

import { createLogCollector } from '../../../support/log-sink.ts'
import { createOutput, loadBridgedWinston, loadWinston } from '../../../support/winston.ts'

const bare = loadWinston()
const collector = createLogCollector()
const { winston: bridged, bridge } = loadBridgedWinston({ records: collector.records })
beforeAll(() => context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable()))
afterAll(() => {
  bridge.disable()
  context.disable()
})
afterEach(() => {
  collector.logs.length = 0
})

const SPAN = { traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331', traceFlags: TraceFlags.SAMPLED }
const KEYS = `"trace_id":"${SPAN.traceId}","span_id":"${SPAN.spanId}","trace_flags":"01"`
const inSpan = <T>(run: () => T): T => context.with(trace.setSpanContext(ROOT_CONTEXT, SPAN), run)
const linesWith = (winston: typeof Winston, use: (winston: typeof Winston, stream: Writable) => void): string[] => {
  const { stream, lines } = createOutput()
  use(winston, stream)
  return lines
}
/** With a stack that does not tell from which run it comes. */
const withStack = <T extends Error>(made: T): T => {
  made.stack = `${made.name}: ${made.message}\n    at here`
  return made
}
const error = (): Error =>
  withStack(Object.assign(new TypeError('boom', { cause: withStack(new Error('c')) }), { code: 'E1' }))
const circular = (): object => {
  const made: Record<string, unknown> = { a: 1 }
  made['self'] = made
  return made
}

const CALLS: readonly ((logger: Winston.Logger) => void)[] = [
  (logger) => logger.info('hello'),
  (logger) => logger.info('hello', { a: 1, nested: { b: [1, null, 'x'] } }),
  (logger) => logger.info('took', 42),
  (logger) => logger.info('hi %s %d', 'bob', 3, { c: 1 }),
  (logger) => logger.info('a', 'b', { c: 1 }),
  (logger) => logger.info('100%', { d: 1 }),
  (logger) => logger.error('failed', error()),
  (logger) => logger.error(error()),
  (logger) => logger.error(withStack(new Error(''))),
  (logger) => logger.warn('x', { err: error(), cause: 3, stack: 's', message: 'm' }),
  (logger) => logger.info({ message: 'object', a: 1 }),
  (logger) => logger.info({ a: 1 }),
  (logger) => logger.log('info', { message: 'two', b: 2 }),
  (logger) => logger.log({ level: 'error', message: 'one', c: 3 }),
  (logger) => logger.debug('not printed', { a: 1 }),
  (logger) => logger.log('silly', 'not printed'),
  (logger) => logger.info(''),
  (logger) => logger.info(undefined as unknown as string),
  (logger) => logger.info(7 as unknown as string),
  (logger) => logger.info('circular', circular()),
  (logger) => logger.info('values', { d: new Date(0), b: 1n, m: new Map([[1, 2]]), f: () => 1, u: undefined, n: NaN }),
  (logger) => logger.info('quote " back \\ brace } { é \u2028', { '}': '{"' }),
  (logger) => logger.info('has keys', { trace_id: 'mine' }),
  (logger) => logger.info('nested key', { request: { trace_id: 'mine' } }),
  (logger) => logger.child({ request: 1 }).info('child', { a: 1 }),
  (logger) => logger.child({ request: 1 }).error(error()),
  (logger) => logger.write({ level: 'info', message: 'written' }),
  (logger) => logger.info('frozen', Object.freeze({ a: 1 })),
  (logger) => logger.info('[{"a":1}]'),
]

type Formats = typeof Winston.format
const FORMATS: readonly (readonly [string, (format: Formats) => Winston.Logform.Format])[] = [
  ['json', (format) => format.json()],
  ['json, pretty', (format) => format.json({ space: 2 })],
  ['splat, errors, json', (format) => format.combine(format.splat(), format.errors({ stack: true }), format.json())],
  ['simple', (format) => format.simple()],
  ['metadata', (format) => format.combine(format.metadata(), format.json())],
  [
    'label, printf',
    (format) =>
      format.combine(
        format.label({ label: 'L' }),
        format.printf((info) => `{${info.level}} ${String(info.message)} {${String(info['label'])}}`),
      ),
  ],
  ['colorize all', (format) => format.combine(format.json(), format.colorize({ all: true }))],
  ['uncolorize, pretty print', (format) => format.combine(format.uncolorize(), format.prettyPrint())],
  ['logstash', (format) => format.combine(format.label({ label: 'L' }), format.logstash())],
  [
    'swallows',
    (format) => format.combine(format((info) => (String(info.message).length > 3 ? info : false))(), format.json()),
  ],
]
/** Where formats stand: at the logger, at the transports, at one of them. */
const PLACES: readonly (readonly [
  string,
  (winston: typeof Winston, stream: Writable, format: Winston.Logform.Format) => Winston.Logger,
])[] = [
  [
    'logger',
    (winston, stream, format) =>
      winston.createLogger({ format, transports: new winston.transports.Stream({ stream, eol: '\n' }) }),
  ],
  [
    'transport',
    (winston, stream, format) =>
      winston.createLogger({ transports: [new winston.transports.Stream({ stream, format, eol: '\n' })] }),
  ],
  [
    'one of two transports',
    (winston, stream, format) =>
      winston.createLogger({
        transports: [
          new winston.transports.Stream({ stream, format, eol: '\n' }),
          new winston.transports.Stream({ stream, level: 'warn', eol: '\n' }),
          new winston.transports.Stream({ stream, silent: true }),
        ],
      }),
  ],
]

function logAll(
  winston: typeof Winston,
  stream: Writable,
  make: (winston: typeof Winston, stream: Writable) => Winston.Logger,
): void {
  const logger = make(winston, stream)
  for (const call of CALLS) {
    try {
      call(logger)
    } catch (thrown) {
      stream.write(`throws ${(thrown as Error).name}\n`)
    }
  }
}

describe.each(PLACES)('format at the %s', (_place, make) => {
  describe.each(FORMATS)('%s', (_name, formatOf) => {
    const use = (winston: typeof Winston, stream: Writable): void =>
      logAll(winston, stream, (w, s) => make(w, s, formatOf(w.format)))

    test('outside of a span every byte is the same', () => {
      expect(linesWith(bridged, use)).toEqual(linesWith(bare, use))
    })

    test('inside a span JSON lines end with the keys, and every other byte is the same', () => {
      const seen = inSpan(() => linesWith(bridged, use))
      const expected = linesWith(bare, use)
      expect(seen.map((line) => line.replace(new RegExp(`,?${KEYS}(?=\\s*\\}$)`), ''))).toEqual(expected)
      const withKeys = seen.filter((line) => line.includes(KEYS)).map((line) => JSON.parse(line) as object)
      for (const line of withKeys) expect(line).toMatchObject({ trace_id: SPAN.traceId, trace_flags: '01' })
      for (const [index, line] of seen.entries()) {
        const before = expected[index] ?? ''
        expect(line.includes(KEYS)).toBe(isJsonObject(before) && !('trace_id' in (JSON.parse(before) as object)))
      }
    })
  })
})

function isJsonObject(line: string): boolean {
  try {
    return line.startsWith('{') && typeof JSON.parse(line) === 'object'
  } catch {
    return false
  }
}

test('a slow transport: each record and line has the context of its call', async () => {
  const waiting: (() => void)[] = []
  const lines: string[] = []
  const slow = new Writable({
    highWaterMark: 1,
    write(chunk: Buffer, _encoding, done) {
      lines.push(chunk.toString().trim())
      waiting.push(done)
    },
  })
  class Slow extends (Reflect.get(bridged, 'Transport') as new (options?: object) => Winston.transport) {
    override log(info: object, next: () => void): void {
      slow.write(`${(info as Record<symbol, string>)[Symbol.for('message')]}\n`, () => next())
    }
  }
  for (const format of [undefined, bridged.format.json()]) {
    lines.length = 0
    const logger = bridged.createLogger({ transports: [new Slow(format === undefined ? {} : { format })] })
    const total = 120
    for (let index = 0; index < total; index++) {
      const span = { ...SPAN, spanId: index.toString(16).padStart(16, 'a') }
      context.with(trace.setSpanContext(ROOT_CONTEXT, span), () => logger.info(`n${index}`, { index }))
    }
    while (lines.length < total) {
      for (const done of waiting.splice(0)) done()
      await new Promise(setImmediate)
    }
    const records = collector.logs.splice(0)
    expect(records.length).toBe(total)
    for (const [index, record] of records.entries()) {
      const spanId = index.toString(16).padStart(16, 'a')
      expect(record).toMatchObject({ body: `n${index}`, spanId })
      expect(JSON.parse(lines[index] ?? '')).toMatchObject({ message: `n${index}`, span_id: spanId })
    }
  }
})

test('kept methods stay right when the level changes', () => {
  const { stream, lines } = createOutput()
  const logger = bridged.createLogger({ level: 'info', transports: [new bridged.transports.Stream({ stream })] })
  logger.debug('no')
  logger.debug('no')
  const { debug } = logger
  const kept = debug.bind(logger)
  kept('no')
  logger.level = 'debug'
  kept('yes')
  logger.debug('yes')
  expect(lines.length).toBe(2)
  expect(collector.logs.map(({ body }) => body)).toEqual(['yes', 'yes'])
})
