import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { addLineKeys, tailOfSpan } from '../../../../src/capture/loggers/winston/line-keys.ts'

const TAIL = ',"trace_id":"t"}'

describe.each([false, true])('format known to write JSON: %s', (isKnown) => {
  test.each([
    ['{"a":1}', '{"a":1,"trace_id":"t"}'],
    ['{}', '{"trace_id":"t"}'],
    ['{ }', '{"trace_id":"t" }'],
    ['{\n  "a": 1\n}', '{\n  "a": 1,"trace_id":"t"\n}'],
    ['{"a":{"trace_id":"inner"},"b":[{"c":"}"}]}', '{"a":{"trace_id":"inner"},"b":[{"c":"}"}],"trace_id":"t"}'],
    ['{"user_id":1,"a":"\\"{\\\\"}', '{"user_id":1,"a":"\\"{\\\\","trace_id":"t"}'],
  ])('%s gets them at its end', (line, expected) => {
    expect(addLineKeys(line, TAIL, isKnown)).toBe(expected)
  })

  test.each([
    '',
    'text',
    '[{"a":1}]',
    '{"a":1} ',
    '{"a":1}{"b":2}',
    '{"a":1} and {"b":2}',
    '{"a":1}\n{"b":2}',
    '{"trace_id":"mine"}',
    '{"a":1,"span_id":null}',
    '{"trace_flags":"00"}',
    '{"a":"',
    '{"a":"}',
    '{info} started {x}',
  ])('%s stays as it is', (line) => {
    expect(addLineKeys(line, TAIL, isKnown)).toBeUndefined()
  })
})

test('any object: the same and the keys', () => {
  fc.assert(
    fc.property(
      fc.object({ values: [fc.string(), fc.double({ noNaN: true, noDefaultInfinity: true }), fc.boolean()] }),
      fc.boolean(),
      fc.constantFrom(0, 2),
      (object, isKnown, space) => {
        const line = JSON.stringify(object, null, space)
        const added = addLineKeys(line, ',"zz_key":"z"}', isKnown)
        expect(JSON.parse(added ?? '')).toEqual({ ...(JSON.parse(line) as object), zz_key: 'z' })
      },
    ),
  )
})

test('a line cut off within a text stays as it is, however it ends', () => {
  const text = fc.string({ unit: fc.constantFrom('{', '}', '"', ':', ',', '[', ']', ' ', 'a', '1', '\\') })
  const field = fc.oneof(text, fc.integer(), fc.boolean(), fc.constant(null))
  fc.assert(
    fc.property(fc.dictionary(text, field, { maxKeys: 4 }), (object) => {
      const line = JSON.stringify(object)
      for (let end = line.indexOf('}'); end !== -1 && end < line.length - 1; end = line.indexOf('}', end + 1)) {
        expect(addLineKeys(line.slice(0, end + 1), TAIL, true)).toBeUndefined()
      }
      expect(addLineKeys(line, TAIL, true)).toBe(line === '{}' ? '{"trace_id":"t"}' : line.slice(0, -1) + TAIL)
    }),
    { numRuns: 2000 },
  )
})

test('the flags are two hex digits', () => {
  const span = { traceId: 'a'.repeat(32), spanId: 'b'.repeat(16), traceFlags: 0 }
  expect(tailOfSpan(span)).toContain('"trace_flags":"00"')
  expect(tailOfSpan({ ...span, traceFlags: 3 })).toContain('"trace_flags":"03"')
})
