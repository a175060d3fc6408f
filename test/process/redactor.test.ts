/**
 * Secrets go, harmless values stay: the planted corpus and the harmless one.
 */
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import type { AnyValue, Attributes } from '../../src/model/any-value.ts'
import type { LogRecord } from '../../src/model/log-record.ts'
import type { SpanRecord } from '../../src/model/span-record.ts'
import { createRedactor, type Redactor } from '../../src/process/redactor.ts'
import { HARMLESS } from './harmless-values.ts'

const JWT = 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U'
const PEM = '-----BEGIN RSA PRIVATE KEY-----\nMIIEowIBAAKCAQEAs3cr3t\n-----END RSA PRIVATE KEY-----'

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
function attributesAfter(attributes: Attributes, by: Redactor = redactor): Attributes {
  return by.redactLog(logOf({ attributes })).attributes
}
function bodyAfter(body: AnyValue, by: Redactor = redactor): AnyValue | undefined {
  return by.redactLog(logOf({ body })).body
}

describe('keys', () => {
  test.each(
    `authorization proxy-authorization cookie set-cookie password passwd pwd secret client_secret token access_token
     refresh_token id_token api_key apikey x-api-key session sessionid private_key credential credentials
     connection_string dsn card_number cvv ssn Authorization PASSWORD accessToken client-secret X-API-Key set_cookie
     db.password http.request.header.authorization user.ssn api.key`
      .trim()
      .split(/\s+/),
  )('the value under %s goes', (key) => {
    expect(attributesAfter({ [key]: 'hunter2', other: 'kept' })).toEqual({ [key]: '[redacted]', other: 'kept' })
  })

  test('at any depth, whatever the value is', () => {
    const attributes = {
      a: { b: [{ password: 'x' }, { c: { token: ['x', 'y'], d: 1 } }] },
      credentials: { user: 'u', pass: 'p' },
      cvv: 123,
      session: new Uint8Array([1]),
    }
    expect(attributesAfter(attributes)).toEqual({
      a: { b: [{ password: '[redacted]' }, { c: { token: '[redacted]', d: 1 } }] },
      credentials: '[redacted]',
      cvv: '[redacted]',
      session: '[redacted]',
    })
    expect(bodyAfter({ user: { password: 'x' } })).toEqual({ user: { password: '[redacted]' } })
  })

  test('a flag or the absence of a value is no secret', () => {
    const attributes = { session: true, token: null, password: '', passwordLength: 12, tokens: 7, secretary: 'Ann' }
    expect(attributesAfter(attributes)).toEqual(attributes)
  })

  test('can be added and removed', () => {
    const own = createRedactor({ addedKeys: ['iban', 'x-Internal_Id'], removedKeys: ['session', 'API_KEY'] })
    const attributes = { IBAN: 'DE1', xInternalId: 'a', session: 's', apiKey: 'k', password: 'p' }
    expect(attributesAfter(attributes, own)).toEqual({
      IBAN: '[redacted]',
      xInternalId: '[redacted]',
      session: 's',
      apiKey: 'k',
      password: '[redacted]',
    })
  })

  test('a key __proto__ is data like any other', () => {
    const attributes = JSON.parse('{"__proto__":{"password":"x"},"a":1}') as Attributes
    const after = attributesAfter(attributes)
    expect(Object.getPrototypeOf(after)).toBe(Object.prototype)
    expect(JSON.stringify(after)).toBe('{"__proto__":{"password":"[redacted]"},"a":1}')
  })
})

describe('values', () => {
  test.each([
    ['a JWT', `got ${JWT} from the caller`, 'got [redacted] from the caller'],
    ['an unsigned JWT', 'eyJhbGciOiJub25lIn0.eyJhIjoxfQ.', '[redacted]'],
    ['a bearer token', 'Authorization: Bearer s3cr3t-t0ken', 'Authorization: Bearer [redacted]'],
    ['a bearer token in small letters', 'header bearer abcDEF123==', 'header bearer [redacted]'],
    ['basic credentials', 'authorization: Basic dXNlcjpwYXNz', 'authorization: Basic [redacted]'],
    ['basic credentials without a header', 'sent Basic dXNlcjpwYXNz', 'sent Basic [redacted]'],
    ['a PEM block', `key:\n${PEM}\nend`, 'key:\n[redacted]\nend'],
    ['a PEM block cut short', PEM.slice(0, 50), '[redacted]'],
    ['two PEM blocks', `${PEM}\n${PEM}`, '[redacted]\n[redacted]'],
    ['a cut PEM block before a whole one', `${PEM.slice(0, 50)}\n${PEM}`, '[redacted][redacted]'],
    ['a PEM block with escaped line ends', JSON.stringify({ k: PEM }), '{"k":"[redacted]"}'],
    ['an AWS access key', 'using AKIAIOSFODNN7EXAMPLE now', 'using [redacted] now'],
    ['a temporary AWS access key', 'ASIAIOSFODNN7EXAMPLE', '[redacted]'],
    ['userinfo in a URL', 'GET https://ann:pa55@example.com/a?b=c', 'GET https://[redacted]@example.com/a?b=c'],
    ['a password with an @', 'postgres://u:p@ss@db:5432/app', 'postgres://[redacted]@db:5432/app'],
    ['a user alone (a token, for many)', 'https://ghp_16C7e42F@github.com/a/b', 'https://[redacted]@github.com/a/b'],
    ['a DSN', 'redis://:s3cret@127.0.0.1:6379/0', 'redis://[redacted]@127.0.0.1:6379/0'],
    ['a MongoDB DSN', 'mongodb+srv://u:p@a.b,c.d/x', 'mongodb+srv://[redacted]@a.b,c.d/x'],
    ['a DSN as Go writes it', 'root:hunter2@tcp(localhost:3306)/app', '[redacted]@tcp(localhost:3306)/app'],
    ['a libpq DSN', 'host=db user=a password=b dbname=c', 'host=db user=a password=[redacted] dbname=c'],
    ['an ADO DSN', 'Server=db;User=a;Password=b;', 'Server=db;User=a;Password=[redacted];'],
    ['a query key', '/login?user=ann&token=abc&x=1', '/login?user=ann&token=[redacted]&x=1'],
    [
      'query keys of signed URLs',
      'https://s3/x?X-Amz-Signature=ab&sig=cd',
      'https://s3/x?X-Amz-Signature=[redacted]&sig=[redacted]',
    ],
    ['OAuth answers', 'https://app/cb?code=4/P7&state=Xy9zQ1#f', 'https://app/cb?code=[redacted]&state=[redacted]#f'],
    ['an argument', 'node app.js --password=hunter2 --port=80', 'node app.js --password=[redacted] --port=80'],
    ['an environment variable', 'DB_PASSWORD=hunter2', 'DB_PASSWORD=[redacted]'],
    ['JSON in a text', 'sent {"user":"a","password":"b\\"c"}', 'sent {"user":"a","password":"[redacted]"}'],
    ['JSON in a text, other spelling', '{"accessToken" : "abc"}', '{"accessToken" : "[redacted]"}'],
  ])('%s goes', (_what, text, expected) => {
    expect(bodyAfter(text)).toBe(expected)
    expect(attributesAfter({ note: text, list: [{ deep: text }] })).toEqual({
      note: expected,
      list: [{ deep: expected }],
    })
    // What is hidden once is not changed again.
    expect(bodyAfter(expected)).toBe(expected)
  })

  test('url.query has no ? before its first key', () => {
    expect(attributesAfter({ 'url.query': 'token=abc&page=2', title: 'token of thanks' })).toEqual({
      'url.query': 'token=[redacted]&page=2',
      title: 'token of thanks',
    })
  })

  test.each([
    ['an escaped key', '%74oken=abc&b=2', '%74oken=[redacted]&b=2'],
    ['quotes and blanks in a value', 'a=1&Api_Key=x\'y"z w&b=2', 'a=1&Api_Key=[redacted]&b=2'],
    ['a key that is no secret', 'a=1&tokens=2&=3&code', 'a=1&tokens=2&=3&code'],
    ['a key that cannot be read', '%=1&token=x', '%=1&token=[redacted]'],
  ])('the query of a URL is cut into keys and values: %s', (_what, query, expected) => {
    const given = { 'url.query': query, 'url.full': `https://host/path?${query}#part` }
    const hidden = { 'url.query': expected, 'url.full': `https://host/path?${expected}#part` }
    expect(attributesAfter(given)).toEqual(hidden)
    expect(attributesAfter(hidden)).toEqual(hidden)
  })

  test('patterns can be added', () => {
    const own = createRedactor({ patterns: [/\bACME-\d+\b/g, /#\w{2}/g] })
    expect(bodyAfter('order ACME-77 of #ab', own)).toBe('order [redacted] of [redacted]')
  })

  test('nothing is hidden when switched off', () => {
    const off = createRedactor({ isOn: false })
    const record = logOf({ body: JWT, attributes: { password: 'x' } })
    expect(off.redactLog(record)).toBe(record)
  })
})

test('a record with nothing to hide is the same object', () => {
  const record = logOf({ body: 'a', attributes: { a: 'b', c: { d: ['e', 1, null, true] } } })
  expect(redactor.redactLog(record)).toBe(record)
})

test('what is handed in is never changed', () => {
  const attributes = { a: { password: 'x' }, list: [{ token: 'x' }] }
  const before = structuredClone(attributes)
  attributesAfter(attributes)
  expect(attributes).toEqual(before)
})

test('spans: name, status, attributes, events and links', () => {
  const span: SpanRecord = {
    traceId: 'a',
    spanId: 'b',
    parentSpanId: '',
    traceState: '',
    flags: 1,
    name: 'GET /x?token=abc',
    kind: 2,
    startTimeUnixNano: 1n,
    endTimeUnixNano: 2n,
    attributes: { 'url.full': 'http://u:p@h/', ok: 1 },
    droppedAttributesCount: 0,
    events: [
      { timeUnixNano: 1n, name: 'ok', attributes: {}, droppedAttributesCount: 0 },
      {
        timeUnixNano: 1n,
        name: 'e',
        attributes: { 'exception.stacktrace': `Error: ${JWT}\n    at x` },
        droppedAttributesCount: 0,
      },
    ],
    droppedEventsCount: 0,
    links: [
      {
        traceId: 'c',
        spanId: 'd',
        traceState: '',
        traceFlags: 0,
        attributes: { secret: 's' },
        droppedAttributesCount: 0,
      },
    ],
    droppedLinksCount: 0,
    statusCode: 2,
    statusMessage: 'Bearer abc123 refused',
  }
  const redacted = redactor.redactSpan(span)
  expect(redacted.name).toBe('GET /x?token=[redacted]')
  expect(redacted.attributes).toEqual({ 'url.full': 'http://[redacted]@h/', ok: 1 })
  expect(redacted.events[0]).toBe(span.events[0])
  expect(redacted.events[1]?.attributes).toEqual({ 'exception.stacktrace': 'Error: [redacted]\n    at x' })
  expect(redacted.links[0]?.attributes).toEqual({ secret: '[redacted]' })
  expect(redacted.statusMessage).toBe('Bearer [redacted] refused')
  const harmless = { ...span, name: 'GET /', attributes: {}, events: [], links: [], statusMessage: '' }
  expect(redactor.redactSpan(harmless)).toBe(harmless)
})

test(`at most 1 % of ${HARMLESS.length} harmless values are changed`, () => {
  expect(HARMLESS.length).toBeGreaterThanOrEqual(2000)
  const changed = HARMLESS.filter(
    ({ key, value }) => attributesAfter({ [key]: value })[key] !== value || bodyAfter(value) !== value,
  )
  // The first of them, so that a failure says which.
  expect(changed.length <= HARMLESS.length / 100 ? [] : changed.slice(0, 30)).toEqual([])
})

test('no text takes long, however it is made', () => {
  const units = [
    'eyJ',
    'eyJ-',
    'a',
    '://',
    'a:',
    'Bearer ',
    '-----BEGIN A-----',
    '?key=',
    '"password":"',
    'AKIA',
    'basic a',
    'password=',
    '@tcp(',
    'a:b@tcp(',
    '"a',
    'authorization: ',
    '\\',
  ]
  for (const unit of units) {
    for (const other of ['', ...units]) {
      const text = (unit + other).repeat(Math.ceil(32_768 / (unit.length + other.length)))
      const before = process.threadCpuUsage()
      bodyAfter(text)
      const { user, system } = process.threadCpuUsage(before)
      expect(user + system, `microseconds for ${JSON.stringify(unit + other)}`).toBeLessThan(250_000)
    }
  }
})

test('any text is taken, and hiding twice changes nothing more', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      const once = bodyAfter(text)
      expect(bodyAfter(once as string)).toBe(once)
    }),
  )
})
