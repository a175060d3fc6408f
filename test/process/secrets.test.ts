/**
 * The corpus: wherever a secret stands, its text is nowhere in what leaves; harmless values beside them stay as they are.
 */
import { readFileSync } from 'node:fs'
import { inspect } from 'node:util'

import { describe, expect, test } from 'vitest'

import type { AnyValue, Attributes } from '../../src/model/any-value.ts'
import { convertAttributes } from '../../src/model/js-value.ts'
import type { LogRecord } from '../../src/model/log-record.ts'
import type { SpanRecord } from '../../src/model/span-record.ts'
import { createRedactor } from '../../src/process/redactor.ts'
import { HARMLESS_KEYS, SECRET_KEYS, structuresWith } from '../fixtures/secrets/secret-fields.ts'
import { SECRET_TEXTS, SECRETS, TOKENS } from '../fixtures/secrets/secret-texts.ts'

const redactor = createRedactor()

function logOf(fields: Partial<LogRecord>): LogRecord {
  return {
    timeUnixNano: 1n,
    observedTimeUnixNano: 1n,
    severityNumber: 9,
    severityText: 'info',
    eventName: '',
    body: undefined,
    attributes: {},
    traceId: '',
    spanId: '',
    traceFlags: 0,
    droppedAttributesCount: 0,
    ...fields,
  }
}

function spanOf(fields: Partial<SpanRecord>): SpanRecord {
  return {
    traceId: 'a',
    spanId: 'b',
    parentSpanId: '',
    traceState: '',
    flags: 1,
    name: 'a span',
    kind: 2,
    startTimeUnixNano: 1n,
    endTimeUnixNano: 2n,
    attributes: {},
    droppedAttributesCount: 0,
    events: [],
    droppedEventsCount: 0,
    links: [],
    droppedLinksCount: 0,
    statusCode: 0,
    statusMessage: '',
    ...fields,
  }
}

function textOf(value: unknown): string {
  return JSON.stringify(value, (_key, item: unknown) => (typeof item === 'bigint' ? String(item) : item))
}

/** Everything that leaves when a text stands in each of a record's and a span's places. */
function everywhere(text: string): Readonly<Record<string, string>> {
  const event = { timeUnixNano: 1n, droppedAttributesCount: 0 }
  const link = { traceId: 'c', spanId: 'd', traceState: '', traceFlags: 0, droppedAttributesCount: 0 }
  return {
    body: textOf(redactor.redactLog(logOf({ body: text }))),
    'a field of the body': textOf(redactor.redactLog(logOf({ body: { note: [text] } }))),
    'an attribute': textOf(redactor.redactLog(logOf({ attributes: { note: text, list: [{ deep: text }] } }))),
    'an exception': textOf(
      redactor.redactLog(
        logOf({
          attributes: { 'exception.message': text, 'exception.stacktrace': `Error: ${text}\n    at a (b.js:1:1)` },
        }),
      ),
    ),
    "an event's name": textOf(redactor.redactLog(logOf({ eventName: text }))),
    "a span's name and status": textOf(redactor.redactSpan(spanOf({ name: text, statusMessage: text }))),
    "a span's attribute": textOf(redactor.redactSpan(spanOf({ attributes: { note: text } }))),
    "a span's event": textOf(
      redactor.redactSpan(spanOf({ events: [{ ...event, name: text, attributes: { note: text } }] })),
    ),
    "a span's link": textOf(redactor.redactSpan(spanOf({ links: [{ ...link, attributes: { note: text } }] }))),
    'a scope': textOf(redactor.redactScope({ name: text, version: text, attributes: { note: text } })),
    'the resource': textOf(redactor.redactResource({ attributes: { note: text, 'service.version': text } })),
  }
}

/** The places in which the secret can still be read, as they leave. */
function leaks(text: string, secret: string): readonly string[] {
  const escaped = JSON.stringify(secret).slice(1, -1)
  return Object.entries(everywhere(text)).flatMap(([place, left]) =>
    left.includes(escaped) ? [`${place}: ${left}`] : [],
  )
}

test('the corpus has at least 300 places', () => {
  const structures = Object.keys(structuresWith('')).length
  const places = new Set([...SECRET_TEXTS, ...SECRET_KEYS, ...Object.keys(TOKENS)]).size + structures
  expect(places).toBeGreaterThanOrEqual(300)
})

describe('texts', () => {
  test.each(SECRET_TEXTS)('%s', (text) => {
    for (const secret of SECRETS) expect(leaks(text.replaceAll('<S>', secret), secret)).toEqual([])
  })

  test.each(SECRET_TEXTS)('hidden once, it is not changed again: %s', (text) => {
    const once = redactor.redactLog(logOf({ body: text.replaceAll('<S>', 'hunter2') }))
    expect(redactor.redactLog(once).body).toBe(once.body)
  })
})

describe('tokens', () => {
  test.each(Object.entries(TOKENS))('%s', (_name, token) => {
    for (const text of [token, `got ${token} from ann`, `(${token})`, `{ note: '${token}' }`]) {
      expect(leaks(text, token.slice(-8))).toEqual([])
    }
  })

  test('the number of a card, as a number', () => {
    const { attributes } = redactor.redactLog(
      logOf({ attributes: { list: [4_111_111_111_111_111], n: 5_555_555_555_554_444 } }),
    )
    expect(attributes).toEqual({ list: ['[redacted]'], n: '[redacted]' })
  })
})

describe('keys', () => {
  test.each(SECRET_KEYS)('%s', (key) => {
    const attributes = { [key]: 'hunter2', deep: { [key]: ['hunter2'] }, list: [{ [key]: { a: 'hunter2' } }] }
    expect(textOf(redactor.redactLog(logOf({ attributes })))).not.toContain('hunter2')
    expect(textOf(redactor.redactSpan(spanOf({ attributes })))).not.toContain('hunter2')
    expect(textOf(redactor.redactResource({ attributes }))).not.toContain('hunter2')
  })

  test.each(SECRET_KEYS)('as inspect and JSON write it: %s', (key) => {
    const object = { user: 'ann', [key]: 'hunter2', n: 1 }
    for (const text of [inspect(object), JSON.stringify(object), inspect(new Map(Object.entries(object)))]) {
      expect(redactor.redactLog(logOf({ body: text })).body).not.toContain('hunter2')
    }
  })

  test.each(HARMLESS_KEYS)('%s is none', (key) => {
    const attributes = { [key]: 'hunter2', deep: { [key]: ['hunter2'] } }
    expect(redactor.redactLog(logOf({ attributes })).attributes).toBe(attributes)
  })
})

describe('structures', () => {
  test.each(Object.keys(structuresWith('')))('%s', (name) => {
    for (const secret of ['hunter2', 'q8Zr-4kLm_90xTbY7v']) {
      const attributes = structuresWith(secret)[name] as Attributes
      for (const value of [attributes, convertAttributes(attributes).attributes]) {
        expect(textOf(redactor.redactLog(logOf({ attributes: value })))).not.toContain(secret)
        expect(textOf(redactor.redactLog(logOf({ body: value })))).not.toContain(secret)
        expect(textOf(redactor.redactSpan(spanOf({ attributes: value })))).not.toContain(secret)
      }
    }
  })

  test.each(Object.keys(structuresWith('')))('as inspect writes it: %s', (name) => {
    const body = inspect(structuresWith('hunter2')[name], { depth: 8 })
    expect(redactor.redactLog(logOf({ body })).body).not.toContain('hunter2')
  })

  test('as JSON writes it, within JSON', () => {
    for (const structure of Object.values(structuresWith('hunter2'))) {
      const body = JSON.stringify({ message: JSON.stringify(structure) })
      expect(redactor.redactLog(logOf({ body })).body).not.toContain('hunter2')
    }
  })
})

test('numbers under a secret key go, counts stay', () => {
  const attributes = {
    cvv: 123,
    password: 12_345,
    token: 512,
    session: 7,
    otp: 83_921,
    pin: 839_201,
    deep: { token: 839_201 },
  }
  expect(redactor.redactLog(logOf({ attributes })).attributes).toEqual({
    cvv: '[redacted]',
    password: '[redacted]',
    token: 512,
    session: 7,
    otp: '[redacted]',
    pin: '[redacted]',
    deep: { token: '[redacted]' },
  })
})

test('who emits stays known, whatever keys are added', () => {
  const own = createRedactor({ addedKeys: ['name', 'id', 'password'] })
  const attributes = { 'service.name': 'shop', 'service.instance.id': 'a', 'host.name': 'h', password: 'p' }
  expect(own.redactResource({ attributes }).attributes).toEqual({
    'service.name': 'shop',
    'service.instance.id': 'a',
    'host.name': '[redacted]',
    password: '[redacted]',
  })
})

test('a scope and a resource without secrets are the same objects', () => {
  const scope = { name: 'winston', version: '3' }
  const resource = { attributes: { 'service.name': 'shop' } }
  expect(redactor.redactScope(scope)).toBe(scope)
  expect(redactor.redactResource(resource)).toBe(resource)
  const secret = { name: 'token=hunter2', version: '' }
  expect(redactor.redactScope(secret)).toBe(redactor.redactScope(secret))
})

describe('harmless values', () => {
  const file = new URL('../fixtures/secrets/harmless.txt', import.meta.url)
  const texts = readFileSync(file, 'utf8').trimEnd().split('\n')

  test('at most 1 % are changed, as a text and as an attribute', () => {
    expect(new Set(texts).size).toBeGreaterThanOrEqual(2000)
    const offenders = texts.flatMap((text) => {
      const left: readonly (AnyValue | undefined)[] = [
        redactor.redactLog(logOf({ body: text })).body,
        redactor.redactLog(logOf({ attributes: { note: text } })).attributes['note'],
      ]
      return left.every((value) => value === text)
        ? []
        : [`${text}  =>  ${JSON.stringify(left.find((value) => value !== text))}`]
    })
    if (offenders.length > 0) console.log(`${offenders.length} of ${texts.length} changed:\n${offenders.join('\n')}`)
    expect(offenders.length <= texts.length / 100 ? [] : offenders).toEqual([])
  })
})
