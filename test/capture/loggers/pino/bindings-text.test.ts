/** What pino keeps of a logger's bindings, read as JSON would be. */
import * as fc from 'fast-check'
import { expect, test } from 'vitest'

import { fieldsInText } from '../../../../src/capture/loggers/pino/bindings-text.ts'

const textOf = (fields: object): string => {
  const text = JSON.stringify(fields).slice(1, -1)
  return text === '' ? '' : `,${text}`
}

const value = fc.oneof(
  { weight: 3, arbitrary: fc.string() },
  { weight: 2, arbitrary: fc.oneof(fc.integer(), fc.double({ noNaN: true }), fc.maxSafeInteger()) },
  fc.constantFrom('a,"b":1', '"', '\\', '":', ',"', 'req-1', '', '\n'),
  fc.constantFrom(null, true, false, 0, -0, 1e21, 1e-7),
  fc.jsonValue({ maxDepth: 2 }),
)
const key = fc.oneof(fc.string(), fc.constantFrom('reqId', 'a:b', 'a,b', '":', '__proto__', '1'))

test('of any fields: what JSON.parse gives', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(key, value), { maxLength: 6 }), (pairs) => {
      const text = textOf(Object.fromEntries(pairs))
      const expected: unknown = JSON.parse(`{${text.slice(1)}}`)
      expect(fieldsInText(text)).toEqual(expected)
      expect(Object.keys(fieldsInText(text))).toEqual(Object.keys(expected as object))
    }),
    { numRuns: 2000 },
  )
})

test('of a key that stands there twice the last counts', () => {
  expect(fieldsInText(',"a":1,"b":"x","a":"y"')).toEqual({ a: 'y', b: 'x' })
})

test.each([',"a":', ',"a":nul', ',"a":01', ',"a":"x', 'a', ',', ',"a"'])('of %s nothing, for it is no JSON', (text) => {
  expect(fieldsInText(text)).toEqual({})
})
