/**
 * Both generations of the Logs API arrive, with what the caller gave them.
 */
import { context, logs, ROOT_CONTEXT, SeverityNumber, trace, TraceFlags } from '@opentelemetry/api'
import { logs as legacyLogs } from '@opentelemetry/api-logs'
import * as fc from 'fast-check'
import { afterEach, describe, expect, test } from 'vitest'

import { createLoggerProvider, setGlobalLoggerProvider } from '../../src/record/logger-provider.ts'
import { createLogCollector } from '../support/log-sink.ts'

const SPAN = { traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331', traceFlags: TraceFlags.SAMPLED }
let undo = (): void => {}
afterEach(() => undo())

describe('the globals', () => {
  test('loggers of @opentelemetry/api and of @opentelemetry/api-logs reach the same place', () => {
    const collector = createLogCollector()
    undo = setGlobalLoggerProvider(createLoggerProvider(collector.records))
    logs.getLogger('new').emit({ body: 'a' })
    legacyLogs.getLogger('old', '1.2').emit({ body: 'b' })
    expect(collector.logs.map(({ body, scope }) => [body, scope.name, scope.version])).toEqual([
      ['a', 'new', ''],
      ['b', 'old', '1.2'],
    ])
  })

  test('undone, nothing is heard', () => {
    const collector = createLogCollector()
    setGlobalLoggerProvider(createLoggerProvider(collector.records))()
    logs.getLogger('new').emit({ body: 'a' })
    legacyLogs.getLogger('old').emit({ body: 'b' })
    expect(collector.logs).toEqual([])
  })
})

describe('a logger', () => {
  test('hands on every field', () => {
    const collector = createLogCollector()
    const logger = createLoggerProvider(collector.records).getLogger('lib', '2.0', { attributes: { shard: 1 } })
    logger.emit({
      eventName: 'device.removed',
      timestamp: [1_700_000_000, 5],
      observedTimestamp: 1_700_000_000_500,
      severityNumber: SeverityNumber.WARN,
      severityText: 'warning',
      body: { nested: [1, 'a', null] },
      attributes: { 'a.b': 'c', list: [1, 2], map: { x: true } },
      context: trace.setSpanContext(ROOT_CONTEXT, SPAN),
    })
    expect(collector.only()).toEqual({
      scope: { name: 'lib', version: '2.0', attributes: { shard: 1 } },
      timeUnixNano: 1_700_000_000_000_000_005n,
      observedTimeUnixNano: 1_700_000_000_500_000_000n,
      severityNumber: 13,
      severityText: 'warning',
      eventName: 'device.removed',
      body: { nested: [1, 'a', null] },
      attributes: { 'a.b': 'c', list: [1, 2], map: { x: true } },
      traceId: SPAN.traceId,
      spanId: SPAN.spanId,
      traceFlags: 1,
      droppedAttributesCount: 0,
    })
  })

  test('writes the exception down, and what was written by hand wins', () => {
    const collector = createLogCollector()
    const error = new TypeError('broken', { cause: new Error('root') })
    createLoggerProvider(collector.records)
      .getLogger('lib')
      .emit({ exception: error, attributes: { 'exception.message': 'mine' } })
    const { attributes } = collector.only()
    expect(attributes['exception.type']).toBe('TypeError')
    expect(attributes['exception.message']).toBe('mine')
    expect(attributes['exception.stacktrace']).toBe(error.stack)
    expect(attributes['exception.cause']).toMatchObject({ type: 'Error', message: 'root' })
  })

  test('answers `enabled` by the level of its scope', () => {
    const collector = createLogCollector()
    const logger = createLoggerProvider(collector.records).getLogger('db.pool')
    expect(logger.enabled()).toBe(true)
    expect(logger.enabled({ severityNumber: SeverityNumber.DEBUG })).toBe(true)
    collector.gate.setLevel(13, 'db')
    expect(logger.enabled({ severityNumber: SeverityNumber.INFO })).toBe(false)
    expect(logger.enabled({ severityNumber: SeverityNumber.WARN })).toBe(true)
    expect(logger.enabled()).toBe(false)
    logger.emit({ severityNumber: SeverityNumber.INFO, body: 'x' })
    expect(collector.logs).toEqual([])
  })

  test('is the same object for the same scope', () => {
    const provider = createLoggerProvider(createLogCollector().records)
    expect(provider.getLogger('a', '1')).toBe(provider.getLogger('a', '1'))
    expect(provider.getLogger('a', '1')).not.toBe(provider.getLogger('a', '2'))
    expect(provider.getLogger('a', '1', { attributes: { x: 1 } })).not.toBe(provider.getLogger('a', '1'))
  })

  test('outside of a span has no ids', () => {
    const collector = createLogCollector()
    createLoggerProvider(collector.records).getLogger('lib').emit({ body: 'x', context: context.active() })
    expect(collector.only()).toMatchObject({ traceId: '', spanId: '', traceFlags: 0 })
  })

  test('a record whose fields throw arrives with what is left of it', () => {
    const collector = createLogCollector()
    const record = {
      severityNumber: SeverityNumber.ERROR,
      body: 'still here',
      get attributes(): never {
        throw new Error('no attributes')
      },
      get severityText(): never {
        throw new Error('no text')
      },
    }
    createLoggerProvider(collector.records).getLogger('lib').emit(record)
    expect(collector.only()).toMatchObject({
      severityNumber: 17,
      body: 'still here',
      severityText: '[Throws: no text]',
    })
  })

  test('takes anything at all without throwing', () => {
    const collector = createLogCollector()
    const logger = createLoggerProvider(collector.records).getLogger('lib')
    fc.assert(
      fc.property(fc.object({ withBigInt: true, withDate: true, withMap: true, withSet: true }), (record) => {
        logger.emit(record)
        logger.emit({ body: record, attributes: record, exception: record })
      }),
    )
    expect(collector.logs.length).toBe(200)
  })
})
