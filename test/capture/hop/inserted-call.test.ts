/** A function of a file, compiled once more with a call in it, is what it was, and tells what it was given. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterAll, expect, test } from 'vitest'

import { withInsertedCall } from '../../../src/capture/hop/inserted-call.ts'

const folder = mkdtempSync(join(tmpdir(), 'tracelog-inserted-'))
afterAll(() => rmSync(folder, { recursive: true }))
const path = join(folder, 'library.cjs')
writeFileSync(
  path,
  `'use strict'
  exports.hand = function hand (value, to) {
  next(value)
  function next (err) {
    to(err, this)
  }
}
`,
)
const load = createRequire(path)
type Hand = (value: unknown, to: (value: unknown, self: unknown) => void) => void
const { hand } = load(path) as { readonly hand: Hand }
const words = 'Error err function hand next this to value'
const before = /function next ?\((err)\) ?\{/

/** Called from one place, so that only what is called differs. */
function stackOf(each: Hand): string[] {
  const stacks: string[] = []
  each(1, () => stacks.push(new Error('here').stack ?? ''))
  return stacks
}

test('it tells, and calls, returns and stands in stacks as before', () => {
  const told: unknown[] = []
  const twin = withInsertedCall(hand, { path, before, words, tell: (value) => told.push(value) }) as Hand
  const [again, first] = [twin, hand].map((each) => stackOf(each))
  expect(again).toEqual(first)
  expect(told).toEqual([1])
  expect([twin.name, twin.length]).toEqual(['hand', 2])
  const selves: unknown[] = []
  twin(2, (_value, self) => selves.push(self))
  expect(selves).toEqual([undefined])
})

test('a function without such a brace, or of another file, is left alone', () => {
  const tell = () => {}
  expect(withInsertedCall(hand, { path, before: /function other\((err)\) ?\{/, words, tell })).toBeUndefined()
  expect(withInsertedCall(() => {}, { path, before, words, tell })).toBeUndefined()
})

test.each([
  {
    name: 'a name of its file, which it would not find',
    text: 'const defer = setImmediate\nexports.hand = function hand(value) {\n  function next(err) {\n    defer(err)\n  }\n}',
  },
  {
    name: 'a name in other letters',
    text: 'exports.hand = function hand(value) {\n  function next(err) {\n    été(err)\n  }\n}',
  },
])('a function with $name is left alone', ({ text }) => {
  const other = join(folder, 'other.cjs')
  writeFileSync(other, text)
  const each = createRequire(other)
  delete each.cache[other]
  const tell = () => {}
  expect(withInsertedCall((each(other) as { hand: Hand }).hand, { path: other, before, words, tell })).toBeUndefined()
})
