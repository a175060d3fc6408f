/**
 * One order for records and spans: secrets are found in a bounded window, then the cut is made. A secret across the cut is hidden
 * whole, and a text of 10 MB costs no more than one of the limit's size.
 */
import { describe, expect, test } from 'vitest'

import type { Attributes } from '../../src/model/any-value.ts'
import { convertAttributes, toAnyValue } from '../../src/model/js-value.ts'
import { MAX_RECORD_BYTES, type LogRecord } from '../../src/model/log-record.ts'
import { MAX_SPAN_BYTES } from '../../src/model/record-limits.ts'
import type { SpanRecord } from '../../src/model/span-record.ts'
import { createRedactor } from '../../src/process/redactor.ts'
import { RecordingSpan } from '../../src/record/recording-span.ts'
import { resolveSpanLimits } from '../../src/record/span-limits.ts'

const redactor = createRedactor()
const SECRETS = {
  'a token': `ghp_${'aB3dE6gH9'.repeat(4)}`,
  'a pair': 'password=Tr0ub4dorTr0ub4dorTr0ub4dor',
  'a quoted pair': '"password":"Tr0ub4dor Tr0ub4dor Tr0ub4dor"',
  'a URL': 'postgres://ann:Tr0ub4dorTr0ub4dor@db/shop',
  'a JWT': `eyJhbGciOiJIUzI1NiJ9.${'eyJzdWIiOiIxIn0'.repeat(20)}.dozjgNryP4J3jVm`,
  'a card': '4111 1111 1111 1111',
}

function redactLog(fields: Partial<LogRecord>): LogRecord {
  return redactor.redactLog({ attributes: {}, eventName: '', severityText: '', ...fields } as LogRecord)
}

function redactSpan(attributes: Attributes, by = redactor): Attributes {
  const span = { name: '', statusMessage: '', attributes, events: [], links: [] }
  return by.redactSpan(span as unknown as SpanRecord).attributes
}

/** A text with the secret so many characters before the limit. */
function across(secret: string, limit: number, before: number): string {
  return `${'x '.repeat(limit / 2).slice(0, limit - before - 1)} ${secret} ${'y '.repeat(20_000)}`
}

describe.each(Object.entries(SECRETS))('%s across the cut', (_name, secret) => {
  // The beginning of the secret that is left, if any, must be its key only.
  const tell = secret.match(/Tr0u|aB3d|eyJ|4111/)![0]

  test.each([1, 5, 9, 14, 20, 30, 39])('%i characters before it', (before) => {
    const text = across(secret, MAX_RECORD_BYTES, before)
    expect(redactLog({ body: toAnyValue(text)! }).body).not.toContain(tell)
    expect(JSON.stringify(redactLog({ attributes: convertAttributes({ text }).attributes }))).not.toContain(tell)
    // In a map the limit is reached a little earlier.
    const deep = convertAttributes({ deep: { list: ['a', { text }] } }).attributes
    expect(JSON.stringify(redactLog({ attributes: deep }))).not.toContain(tell)
    const spanText = across(secret, MAX_SPAN_BYTES, before)
    expect(redactSpan({ text: spanText })['text']).not.toContain(tell)
  })

  test('at every place around a limit that the user has set', () => {
    const own = createRedactor({ spanValueLength: 64 })
    for (let before = 0; before < 60; before += 1) {
      const text = across(secret, 64, before)
      const { value, list } = redactSpan({ value: text, list: [text, text] }, own) as { value: string; list: string[] }
      for (const left of [value, ...list]) {
        expect(left.length).toBeLessThanOrEqual(64)
        expect(left).not.toContain(tell)
      }
    }
  })
})

test('what is cut is cut at the limit, and says so', () => {
  const { body, attributes } = redactLog({ body: toAnyValue('a'.repeat(100_000))! })
  expect(body).toBe('a'.repeat(MAX_RECORD_BYTES))
  expect(attributes).toEqual({ 'tracelog.truncated': true })
})

test('without redaction the margin is cut all the same', () => {
  const off = createRedactor({ isOn: false })
  const body = toAnyValue('a'.repeat(100_000))!
  const record = off.redactLog({ attributes: {}, eventName: '', severityText: '', body } as unknown as LogRecord)
  expect(record.body).toBe('a'.repeat(MAX_RECORD_BYTES))
})

test('no half character is left', () => {
  const { body } = redactLog({ body: toAnyValue(`a${'😀'.repeat(30_000)}`)! })
  expect((body as string).isWellFormed()).toBe(true)
})

test("the user's limit for a span's values keeps the margin until then", () => {
  const limits = resolveSpanLimits({ attributeValueLength: 10 })
  const owner = {
    scope: { name: '', version: '' },
    limits,
    resource: { attributes: {} },
    nowUnixNano: () => 1n,
    onEnding: () => {},
    onEnd: () => {},
  }
  const span = new RecordingSpan(owner, {
    name: 'a',
    kind: 0,
    spanContext: { traceId: 'a'.repeat(32), spanId: 'b'.repeat(16), traceFlags: 1 },
    parent: undefined,
    startTimeUnixNano: 1n,
    attributes: {},
    attributeCount: 0,
    droppedAttributesCount: 0,
  })
  span.setAttribute('text', `a ghp_${'aB3dE6gH9'.repeat(4)}`)
  const own = createRedactor({ spanValueLength: 10 })
  expect(own.redactSpan(span.toRecord()).attributes).toEqual({ text: 'a [redacte' })
})

describe('a text of 10 MB costs no more than one of the limit', () => {
  const unit = 'GET /api/items?token=hunter2 "password":"hunter2" ann@shop.example 4111 1111 '
  const small = unit.repeat(Math.ceil((MAX_SPAN_BYTES + 4096) / unit.length))
  const large = unit.repeat(Math.ceil(10_000_000 / unit.length))
  const uses: Readonly<Record<string, (text: string) => unknown>> = {
    'a body': (text) => redactLog({ body: toAnyValue(text)! }),
    'an attribute of a record': (text) => redactLog({ attributes: convertAttributes({ text }).attributes }),
    'an exception of a record': (text) =>
      redactLog({
        attributes: convertAttributes({ 'exception.stacktrace': text, 'exception.message': text }).attributes,
      }),
    'an attribute of a span': (text) => redactSpan({ text }),
    'a list in a span': (text) => redactSpan(convertAttributes({ list: [text, text, text] }).attributes),
    'an event of a span': (text) =>
      redactor.redactSpan({
        name: text,
        statusMessage: text,
        attributes: {},
        events: [{ timeUnixNano: 1n, name: text, attributes: { text }, droppedAttributesCount: 0 }],
        links: [{ attributes: { text } }],
      } as unknown as SpanRecord),
    '128 attributes of a span': (text) =>
      redactSpan(Object.fromEntries(Array.from({ length: 128 }, (_item, index) => [`k${index}`, text]))),
  }

  test.each(Object.entries(uses))('%s', (_name, use) => {
    // Both as they come from an application: one piece of memory.
    const [smallest, largest] = [small, large].map((text) => {
      const flat = Buffer.from(text).toString()
      return Math.min(...Array.from({ length: 5 }, () => processorMillis(() => use(flat))))
    }) as [number, number]
    expect(largest).toBeLessThan(smallest * 4 + 20)
  })
})

function processorMillis(run: () => unknown): number {
  const before = process.threadCpuUsage()
  run()
  const { user, system } = process.threadCpuUsage(before)
  return (user + system) / 1_000
}
