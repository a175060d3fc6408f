import * as fc from 'fast-check'
import { expect, test } from 'vitest'

import { patternOfBytes, patternOfRow, patternOfText, patternText } from '../../src/model/pattern.ts'

test.each([
  ['user 17 logged in', 'user 4 logged in'],
  ['GET /api/cart/17?x=1 took 12.5ms', 'GET /api/cart/18?x=2 took 3ms'],
  ['id 4bf92f35-77b3 of größe9', 'id 0 of größe1'],
  ['', ''],
])('%j and %j say the same', (one, other) => {
  expect(patternOfText(one)).toBe(patternOfText(other))
})

test.each([
  ['user 17 logged in', 'user 17 logged out'],
  ['user 17', 'user x'],
  ['a b', 'a  b'],
  ['17', '17 17'],
])('%j and %j do not', (one, other) => {
  expect(patternOfText(one)).not.toBe(patternOfText(other))
})

/** The definition, by a regular expression. */
const template = (text: string): string =>
  text.replaceAll(/[\p{L}\p{M}\d_.:/\-\u{80}-\u{10ffff}]+/gu, (run) => (/\d/.test(run) ? '#' : run))

test('texts have one pattern exactly when they are the same without what holds a digit', () => {
  const text = fc.string({
    unit: fc.constantFrom('a', 'B', '1', '7', ' ', '.', '-', '/', '"', '#', 'ü', '😀'),
    maxLength: 30,
  })
  fc.assert(
    fc.property(text, text, (one, other) => {
      expect(patternOfText(one)).toBe(patternOfText(template(one)))
      expect(patternOfText(one) === patternOfText(other)).toBe(template(one) === template(other))
    }),
    { numRuns: 1_000 },
  )
})

test('bytes in the midst of others are the text that they are, and of a long text the beginning counts', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (before, text) => {
      const bytes = Buffer.from(before + text)
      const start = Buffer.byteLength(before)
      fc.pre(before.isWellFormed() && text.isWellFormed())
      expect(patternOfBytes(bytes, start, bytes.length)).toBe(patternOfText(text))
    }),
  )
  expect(patternOfText('x '.repeat(10_000))).toBe(patternOfText(`${'x '.repeat(5_000)}and more`))
})

const STACK =
  'TypeError: x\n    at node:internal/a:1:2\n    at f (/app/node_modules/b/c.js:1:1)\n    at getCart (/app/cart.ts:31:14)'

test('records with a stack are told apart by the type and the first own frame, wherever in the file it is', () => {
  const of = (fields: object): number =>
    patternOfRow({ message: 'a', error_type: 'TypeError', error_stack: STACK, ...fields })
  expect(of({ message: 'b' })).toBe(of({}))
  expect(of({ error_stack: STACK.replace('31:14', '8:1') })).toBe(of({}))
  expect(of({ error_type: 'RangeError' })).not.toBe(of({}))
  expect(of({ error_stack: STACK.replace('getCart', 'getUser') })).not.toBe(of({}))
})

test('records without a stack are told apart by their type and their text; a status is no type', () => {
  const of = (row: Record<string, string>): number => patternOfRow({ error_type: 'TypeError', message: 'a 1', ...row })
  expect(of({ error_stack: '' })).toBe(of({ message: 'a 2' }))
  expect(of({ message: 'b' })).not.toBe(of({}))
  expect(of({ error_type: 'RangeError' })).not.toBe(of({}))
  expect(of({})).not.toBe(patternOfText('a 1'))
  for (const type of ['500', '']) expect(of({ error_type: type })).toBe(patternOfText('a 1'))
})

test('a pattern is written as eight hex digits', () => {
  expect(patternText(0x1a2b)).toBe('00001a2b')
})
