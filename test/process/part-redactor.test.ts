/** Parts of a record are redacted as the whole record would be. */
import * as fc from 'fast-check'
import { expect, test } from 'vitest'

import type { LogRecord } from '../../src/model/log-record.ts'
import { createRedactor, type RedactorOptions } from '../../src/process/redactor.ts'

const OPTIONS: readonly RedactorOptions[] = [{}, { isOn: false }, { addedKeys: ['tenant'], patterns: [/zebra\d*/g] }]

const text = fc.oneof(
  fc.string({ maxLength: 80 }),
  fc.constantFrom('/login?token=abc123', 'password=hunter2', 'zebra42', 'Bearer abcdefghijklmnop', '4111111111111111'),
)
const query = fc
  .array(fc.tuple(fc.constantFrom('a', 'token', 'tenant', 'q'), text))
  .map((pairs) => pairs.map(([key, value]) => `${key}=${value}`).join('&'))

function recordOf(attributes: LogRecord['attributes']): LogRecord {
  const none = { timeUnixNano: 1n, observedTimeUnixNano: 1n, severityNumber: 9, severityText: '', eventName: '' }
  return { ...none, body: undefined, attributes, traceId: '', spanId: '', traceFlags: 0, droppedAttributesCount: 0 }
}

test.each(OPTIONS)('with %o', (options) => {
  const redactor = createRedactor(options)
  const { parts } = redactor
  const whole = (key: string, value: string) => redactor.redactLog(recordOf({ [key]: value })).attributes[key]
  fc.assert(
    fc.property(text, query, (value, search) => {
      expect(parts.text(value)).toBe(whole('url.path', value))
      expect(parts.query(search)).toBe(whole('url.query', search))
      expect(parts.logAttributes({ a: value, token: value })).toEqual(
        redactor.redactLog(recordOf({ a: value, token: value })).attributes,
      )
    }),
  )
})

test.each([
  ['url.path', true],
  ['tenant', false],
  ['x'.repeat(30), true],
  ['session.ghp_0123456789abcdefghijklmnopqrstuvwxyzAB', false],
])('whether the key %s is a plain one: %s', (key, expected) => {
  expect(createRedactor({ addedKeys: ['tenant'] }).parts.isPlainKey(key)).toBe(expected)
})
