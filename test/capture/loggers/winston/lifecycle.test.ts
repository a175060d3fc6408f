/**
 * Switched on and off, attached by hand, wired as a transport: always once.
 */
import { context, ROOT_CONTEXT, trace, TraceFlags } from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import { afterAll, beforeAll, expect, test } from 'vitest'

import { createWinstonInstrumentation } from '../../../../src/capture/loggers/winston/winston-instrumentation.ts'
import { instrumentWinston, TracelogTransport } from '../../../../src/winston.ts'
import { createLogCollector } from '../../../support/log-sink.ts'
import { createOutput, loadBridgedWinston, loadWinston } from '../../../support/winston.ts'

beforeAll(() => context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable()))
afterAll(() => context.disable())

const ENGINE = Symbol.for('org.tracelog.v1')
const SPAN = { traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331', traceFlags: TraceFlags.SAMPLED }
const inSpan = <T>(run: () => T): T => context.with(trace.setSpanContext(ROOT_CONTEXT, SPAN), run)

test('after disable everything is winston\u2019s own again', () => {
  const own = createLogCollector()
  const { winston, bridge: second } = loadBridgedWinston({ records: own.records })
  const { stream, lines } = createOutput()
  const transport = new winston.transports.Stream({ stream, format: winston.format.json() })
  const { format } = transport
  const logger = winston.createLogger({ transports: [transport] })
  inSpan(() => logger.info('heard'))
  expect(own.logs.length).toBe(1)
  second.disable()
  inSpan(() => logger.info('not heard'))
  expect(own.logs.length).toBe(1)
  expect(lines[1]).toBe('{"level":"info","message":"not heard"}')
  expect(transport.format).toBe(format)
  expect(Object.hasOwn(winston.Logger.prototype, 'write')).toBe(false)
})

test('the gate stops levels nobody takes before the format, and can be switched off', () => {
  for (const gatesBeforeFormat of [true, false]) {
    const own = createLogCollector()
    const { winston, bridge: gated } = loadBridgedWinston({ records: own.records, gatesBeforeFormat })
    let formatted = 0
    const count = winston.format((info) => {
      formatted++
      return info
    })
    const { stream } = createOutput()
    const logger = winston.createLogger({ format: count(), transports: [new winston.transports.Stream({ stream })] })
    logger.debug('a')
    logger.debug('b')
    logger.log('debug', 'c')
    logger.log({ level: 'debug', message: 'd' })
    expect(formatted).toBe(gatesBeforeFormat ? 0 : 4)
    logger.info('e')
    expect(formatted).toBe(gatesBeforeFormat ? 1 : 5)
    gated.disable()
  }
})

test('a copy that nobody can find is heard by hand; twice is harmless; undone, it is silent', () => {
  const own = createLogCollector()
  const winston = loadWinston()
  const bridge = createWinstonInstrumentation({ records: own.records })
  const logger = winston.createLogger({
    transports: [new winston.transports.Stream({ stream: createOutput().stream })],
  })
  const undo = bridge.attach(winston)
  const again = bridge.attach(winston)
  logger.info('heard')
  expect(own.only()).toMatchObject({ body: 'heard', scope: { name: 'winston', version: winston.version } })
  again()
  logger.info('still heard')
  expect(own.only().body).toBe('still heard')
  undo()
  undo()
  logger.info('not heard')
  expect(own.logs).toEqual([])
})

test('instrumentWinston and TracelogTransport find the running engine, and write nothing twice', () => {
  const own = createLogCollector()
  const winston = loadWinston()
  const bridge = createWinstonInstrumentation({ records: own.records })
  const holder = globalThis as { [ENGINE]?: unknown }
  holder[ENGINE] = {
    attach: (_name: string, module: object) => bridge.attach(module),
    write: (_name: string, transport: object, info: object) => bridge.write(transport, info),
  }
  try {
    const transport = new TracelogTransport({ level: 'debug' })
    const logger = winston.createLogger({ level: 'info', transports: [transport as never] })
    inSpan(() => logger.debug('by %s', 'hand', { a: 1, err: new TypeError('boom') }))
    logger.silly('too low')
    expect(own.only()).toMatchObject({
      body: 'by hand',
      severityNumber: 5,
      traceId: SPAN.traceId,
      attributes: { a: 1, 'exception.type': 'TypeError' },
    })
    const undo = instrumentWinston(winston)
    logger.debug('once')
    expect(own.only().body).toBe('once')
    undo()
    logger.debug('by hand again')
    expect(own.only().body).toBe('by hand again')
    transport.silent = true
    logger.error('x')
    expect(own.logs).toEqual([])
  } finally {
    delete holder[ENGINE]
  }
})
