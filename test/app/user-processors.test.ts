/** Processors of the application: what they see, what they change, and that none of them can harm a record or the process. */
import { context, ROOT_CONTEXT, type Context } from '@opentelemetry/api'
import { suppressTracing } from '@opentelemetry/core'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { objectsOf } from '../../src/app/start-options.ts'
import { createLogStep } from '../../src/app/user-processors.ts'
import type { LogRecord } from '../../src/model/log-record.ts'
import type { ReadWriteLogRecord } from '../../src/model/sdk-types.ts'
import { createRedactor } from '../../src/process/redactor.ts'
import { Processors, type LogRecordProcessor } from '../../src/record/processors.ts'
import { runChild, type Preload } from '../support/child.ts'
import { startReceiver, type Receiver } from '../support/receiver.ts'

const SCOPE = { name: 'shop', version: '' }
const BYTES = new Uint8Array([1, 2])
const RECORD: LogRecord = {
  timeUnixNano: 1_700_000_000_123_456_789n,
  observedTimeUnixNano: 1_700_000_000_123_456_790n,
  severityNumber: 9,
  severityText: 'info',
  eventName: '',
  body: 'hello',
  attributes: { a: 1, nested: { b: ['c'] }, bytes: BYTES },
  traceId: 'a'.repeat(32),
  spanId: 'b'.repeat(16),
  traceFlags: 1,
  droppedAttributesCount: 2,
}

function processor(onEmit: (record: ReadWriteLogRecord, context?: Context) => void): LogRecordProcessor {
  return { onEmit, forceFlush: async () => {}, shutdown: async () => {} }
}

function shownTo(...onEmit: ((record: ReadWriteLogRecord) => void)[]): LogRecord {
  const step = createLogStep({
    processors: new Processors(onEmit.map(processor)),
    redactor: createRedactor(),
    resource: { attributes: { 'service.name': 'shop' } },
  })
  return step(RECORD, SCOPE, ROOT_CONTEXT)
}

describe('one record', () => {
  test('is the same object when nobody is there, and when nobody changes it', () => {
    expect(shownTo()).toBe(RECORD)
    expect(shownTo((record) => record.setAttributes({}))).toBe(RECORD)
  })

  test("is shown in the SDK's shape", () => {
    const shown: unknown[] = []
    shownTo((record) => {
      const { hrTime, hrTimeObserved, spanContext, severityNumber, severityText, body, eventName, attributes } = record
      const { resource, instrumentationScope, droppedAttributesCount } = record
      shown.push({ hrTime, hrTimeObserved, spanContext, severityNumber, severityText, body, eventName, attributes })
      shown.push({ resource, instrumentationScope, droppedAttributesCount })
    })
    expect(shown).toEqual([
      {
        hrTime: [1_700_000_000, 123_456_789],
        hrTimeObserved: [1_700_000_000, 123_456_790],
        spanContext: { traceId: RECORD.traceId, spanId: RECORD.spanId, traceFlags: 1 },
        severityNumber: 9,
        severityText: 'info',
        body: 'hello',
        eventName: undefined,
        attributes: RECORD.attributes,
      },
      { resource: { attributes: { 'service.name': 'shop' } }, instrumentationScope: SCOPE, droppedAttributesCount: 2 },
    ])
  })

  test.each<[string, (record: ReadWriteLogRecord) => void, Partial<LogRecord>]>([
    ['an attribute', (one) => void one.setAttribute('b', 2), { attributes: { ...RECORD.attributes, b: 2 } }],
    [
      'an attribute in place',
      (one) => void (one.attributes['a'] = 'x'),
      { attributes: { ...RECORD.attributes, a: 'x' } },
    ],
    ['one that goes', (one) => void delete one.attributes['a'], { attributes: { nested: { b: ['c'] }, bytes: BYTES } }],
    [
      'a value without a counterpart',
      (one) => void one.setAttribute('a', new Date(0)),
      { attributes: { ...RECORD.attributes, a: '1970-01-01T00:00:00.000Z' } },
    ],
    ['the body', (one) => void one.setBody({ text: 'x' }), { body: { text: 'x' } }],
    ['the event name', (one) => void one.setEventName('cart.added'), { eventName: 'cart.added' }],
    [
      'the severity',
      (one) => void one.setSeverityNumber(17).setSeverityText('ERROR'),
      { severityNumber: 17, severityText: 'ERROR' },
    ],
    ['no severity at all', (one) => void (one.severityNumber = undefined), { severityNumber: 0 }],
    ['a severity that there is not', (one) => void one.setSeverityNumber(99), { severityNumber: 0 }],
    ['the time', (one) => void (one.hrTime = [5, 6]), { timeUnixNano: 5_000_000_006n }],
    ['a time that is none', (one) => void (one.hrTime = 'x' as never), {}],
    ['the span', (one) => void (one.spanContext = undefined), { traceId: '', spanId: '', traceFlags: 0 }],
    [
      'a secret',
      (one) => void one.setAttribute('api_key', 'xyz-12345'),
      { attributes: { ...RECORD.attributes, api_key: '[redacted]' } },
    ],
  ])('%s that a processor changes is what leaves', (_name, onEmit, changed) => {
    const after = shownTo(onEmit)
    expect(after).toEqual({ ...RECORD, ...changed })
    expect(RECORD.attributes).toEqual({ a: 1, nested: { b: ['c'] }, bytes: BYTES })
  })

  test('keeps a key that is the way to the prototype as one like any other', () => {
    const { attributes } = shownTo((record) => void record.setAttribute('__proto__', 'x'))
    expect(Object.getOwnPropertyDescriptor(attributes, '__proto__')?.value).toBe('x')
    expect(Object.getPrototypeOf(attributes)).toBe(Object.prototype)
  })

  test('goes through all in their order; one that throws is passed by', () => {
    const order: unknown[] = []
    const after = shownTo(
      (record) => void record.setAttribute('a', 'first'),
      () => {
        throw new Error('broken')
      },
      (record) => order.push(record.attributes['a']),
    )
    expect(order).toEqual(['first'])
    expect(after.attributes['a']).toBe('first')
  })

  test('can only be read when it has left', () => {
    let kept: ReadWriteLogRecord | undefined
    shownTo((record) => void (kept = record))
    kept?.setBody('later').setAttribute('late', 1)
    expect(kept).toMatchObject({ body: 'hello', attributes: RECORD.attributes })
  })
})

describe('never again', () => {
  beforeAll(() => void context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable()))
  afterAll(() => context.disable())

  test('is a record shown that a processor or its exporter writes itself', () => {
    let calls = 0
    const step = createLogStep({
      processors: new Processors([
        processor(() => {
          calls++
          step(RECORD, SCOPE, ROOT_CONTEXT)
        }),
      ]),
      redactor: createRedactor(),
      resource: { attributes: {} },
    })
    step(RECORD, SCOPE, ROOT_CONTEXT)
    step(RECORD, SCOPE, suppressTracing(ROOT_CONTEXT))
    expect(calls).toBe(1)
  })
})

test.each([
  [
    { logRecordProcessors: {} as never },
    'logRecordProcessors is "object", but must be a list of objects with the methods',
  ],
  [{ logRecordProcessors: [{} as never] }, 'logRecordProcessors[0] is "an object without onEmit"'],
  [{ spanProcessors: [null as never] }, 'spanProcessors[0] is "an object without onStart"'],
])('%j is no processor', (options, message) => {
  expect(() => objectsOf(options)).toThrow(message)
})

describe("with the SDK's own processors and exporters", () => {
  let receiver: Receiver
  let second: Receiver
  beforeAll(async () => {
    receiver = await startReceiver()
    second = await startReceiver()
  })
  afterAll(() => Promise.all([receiver.close(), second.close()]))

  test.each<Preload>(['none', 'import'])('what they change leaves on both ways (preload: %s)', async (preload) => {
    const [before, beforeSecond, spansBefore] = [receiver, second, receiver].map((one, i) =>
      i === 2 ? one.receivedSpans.length : one.receivedLogs.length,
    ) as [number, number, number]
    const end = await runChild('extend/processors.mjs', {
      preload,
      args: [second.url],
      env: { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, OTEL_SERVICE_NAME: 'shop' },
    })
    expect(end.code).toBe(0)
    const said = JSON.parse(end.stdout) as { flushed: object; took: number; seen: unknown[]; logs: object }
    // One never answers forceFlush.
    expect(said.flushed).toMatchObject({ isComplete: false, queued: 0 })
    expect(said.took).toBeGreaterThan(600)
    expect(said.seen).toEqual([
      {
        name: 'work',
        attributes: { 'db.password': '[redacted]', started: true, ending: true },
        service: 'shop',
      },
    ])
    expect(end.stderr.split('\n').filter((line) => line.startsWith('tracelog: '))).toEqual([
      'tracelog: the processor of the application failed: no luck today; what it was given goes on without it',
    ])
    const ours = receiver.receivedLogs.slice(before)
    const theirs = second.receivedLogs.slice(beforeSecond)
    const bodies = ours.map(({ record }) => record.body as string)
    expect(bodies.toSorted((a, b) => a.localeCompare(b))).toEqual([
      'plain',
      'seen by a processor',
      'seen by a processor',
      'SHOUT',
    ])
    expect(theirs.map(({ record }) => record.body)).toEqual(['SHOUT', 'plain'])
    for (const { scope, resource, record } of theirs) {
      const same = ours.find(({ record: own }) => own.body === record.body)
      const { 'tracelog.seq': _, ...attributes } = same?.record.attributes ?? {}
      // What one processor adds the next one sees as it was added; what leaves through us is looked at again.
      expect(attributes).toMatchObject({ tenant: 'acme', 'session.token': '[redacted]' })
      const added = { ...attributes, 'session.token': 'abc123secret' }
      expect({ scope, resource, record }).toEqual({ ...same, record: { ...same?.record, attributes: added } })
    }
    expect(ours.find(({ record }) => record.body === 'SHOUT')?.record).toMatchObject({
      severityNumber: 17,
      severityText: 'ERROR',
      timeUnixNano: 1_700_000_000_123_456_789n,
    })
    // The exporter's own requests are no spans.
    expect(receiver.receivedSpans.slice(spansBefore).map(({ span }) => span.name)).toEqual(['work'])
  })
})
