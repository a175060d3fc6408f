import * as fc from 'fast-check'
import { expect, test } from 'vitest'

import { SAME_SECRET, SECRET_WORDS, type SecretKind, type SecretWord } from '../../../src/model/secrets/secret-words.ts'
import { kindOfWords } from '../../../src/model/secrets/word-ends.ts'

/** The rules of the table as regular expressions: slow to compile, easy to read. */
const groups = Map.groupBy(SECRET_WORDS, ({ kind, at }) => `${kind} ${at}`)
const patterns = [...groups.values()].map((words) => {
  const { kind, at } = words[0] as SecretWord
  const before = at === 'end' ? '' : at === 'word' ? '(?:^|_)' : '^'
  const after = at === 'query' ? '' : `(?:_?(?:${SAME_SECRET.join('|')})){0,2}(?:_?[0-9]{1,3})?`
  const all = words.map(({ word }) => word.replaceAll(' ', '_?')).join('|')
  return { kind, at, pattern: new RegExp(`${before}(?:${all})${after}$`) }
})

function kindByPatterns(whole: string, last: string, isInQuery: boolean): SecretKind | undefined {
  for (const { kind, at, pattern } of patterns) {
    if (at === 'query' && !isInQuery) continue
    if (pattern.test(whole) || ((at === 'whole' || at === 'query') && pattern.test(last))) return kind
  }
  return undefined
}

const spelled = fc
  .tuple(fc.constantFrom(...SECRET_WORDS), fc.constantFrom('', '_'))
  .map(([{ word }, between]) => word.replaceAll(' ', between))
const piece = fc.oneof(
  { weight: 4, arbitrary: spelled },
  { weight: 3, arbitrary: fc.constantFrom(...SAME_SECRET) },
  fc.constantFrom('user', 'my', 'x', 'db', 'count', 'is', 'a', 'ma', '1', '22', '333', '4444', '2', '64'),
)
const key = fc
  .array(fc.tuple(piece, fc.constantFrom('', '_')), { maxLength: 5 })
  .map((parts) => parts.map(([word, after]) => word + after).join(''))

test('says what a regular expression for each kind and place would say', () => {
  fc.assert(
    fc.property(key, key, fc.boolean(), (whole, last, isInQuery) => {
      expect([whole, last, kindOfWords(whole, last, isInQuery)]).toEqual([
        whole,
        last,
        kindByPatterns(whole, last, isInQuery),
      ])
      expect([whole, kindOfWords(whole, whole, isInQuery)]).toEqual([whole, kindByPatterns(whole, whole, isInQuery)])
    }),
    { numRuns: 20_000 },
  )
})

test.each([
  ['user_password', 'any'],
  ['apikey', 'any'],
  ['password_hash_2', 'any'],
  ['tokenvalueold', 'count'],
  ['cvv2', 'any'],
  ['cpwd', undefined],
  ['password_reset_url', undefined],
  ['', undefined],
] as const)('%s: %s', (words, kind) => {
  expect(kindOfWords(words, words, false)).toBe(kind)
})
