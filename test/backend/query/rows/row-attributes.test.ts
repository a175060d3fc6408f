/**
 * Plain attributes are the typed ones without their types, however they are written.
 */
import { expect, test } from 'vitest'

import {
  plainAttributes,
  plainBody,
  toAttributes,
  typedAttributes,
} from '../../../../src/backend/query/rows/row-attributes.ts'

const columns = [
  { key: 'a.b', type: 'VARCHAR', values: { kind: 'same', value: 'x' } },
  { key: '__proto__', type: 'BIGINT', values: { kind: 'values', values: [9007199254740993n, 4n] } },
  { key: 'none', type: 'DOUBLE', values: { kind: 'values', values: [null, 1.5] } },
] as const

test.each([
  null,
  '{}',
  '{"n":1,"d":1.0,"e":1e3,"t":"x","b":true,"o":null,"l":[1,2.5,"x"],"m":{"k":{"i":1}}}',
  '{"big":9007199254740993,"small":-9007199254740993,"exact":9007199254740991}',
  '{"bytes":{"$bytes":"AAEC"},"nan":{"$double":"NaN"},"zero":{"$double":"-0"},"marked":{"$map":{"$x":1}}}',
  String.raw`{"quoted":"\"$ is no mark","__proto__":{"x":1},"constructor":"c"}`,
  '{"digits":"1234567890123456789"}',
])('%s', (rest) => {
  for (const row of [0, 1]) {
    const source = { columns, row, rest }
    const plain = plainAttributes(source)
    expect(plain).toEqual(toAttributes(typedAttributes(source)))
    expect(Object.keys(plain)).toEqual(Object.keys(toAttributes(typedAttributes(source))))
    expect(Object.getPrototypeOf(plain)).toBe(Object.prototype)
  }
})

test('a body that is no text is read, one that looks like it is left', () => {
  expect(plainBody('{"a":[1]}', true)).toEqual({ a: [1] })
  expect(plainBody('{"a":[1]}', false)).toBe('{"a":[1]}')
  expect(plainBody(null, false)).toBeUndefined()
})
