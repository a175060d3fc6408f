import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { termOf, termsOf, tokensOf, withoutTerm, withTerm, wordsOf } from '../../../src/backend/ui/query-tokens.ts'
import { parseQueryText } from '../../../src/query-text/parse.ts'

describe('pieces of a query', () => {
  test.each([
    { text: 'status>=500', kinds: 'key operator value' },
    { text: '-service:web "a b"', kinds: 'joint key operator value blank quoted' },
    { text: '(a OR b)', kinds: 'joint value blank joint blank value joint' },
    { text: 'x:"open', kinds: 'key operator quoted' },
    { text: 'took>', kinds: 'key operator' },
  ])('$text: $kinds', ({ text, kinds }) => {
    expect(
      tokensOf(text)
        .map(({ kind }) => kind)
        .join(' '),
    ).toBe(kinds)
  })

  test('are the whole text, whatever it is', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[ab :"\\()\-<>=!OR]*$/), (text) => {
        expect(
          tokensOf(text)
            .map(({ text: piece }) => piece)
            .join(''),
        ).toBe(text)
      }),
    )
  })
})

describe('terms', () => {
  test.each([
    { text: 'a b:c "d e"', terms: ['a', 'b:c', '"d e"'] },
    { text: 'a AND (b OR c) -d', terms: ['a', '(b OR c)', '-d'] },
    { text: 'a OR b', terms: ['a OR b'] },
    { text: '  ', terms: [] },
  ])('of $text', ({ text, terms }) => {
    expect(termsOf(text)).toEqual(terms)
  })

  test.each([
    { text: '', term: 'a', whole: 'a' },
    { text: 'a', term: 'a', whole: 'a' },
    { text: 'a OR b', term: 'c', whole: '(a OR b) c' },
  ])('$text and $term is $whole', ({ text, term, whole }) => {
    expect(withTerm(text, term)).toBe(whole)
  })

  test('go away one by one', () => {
    expect(withoutTerm('a b:c "d e"', 'b:c')).toBe('a "d e"')
  })

  test('of any value ask for that value', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), (value) => {
        const asked = parseQueryText(termOf('key', value))
        expect(asked).toMatchObject({ kind: 'field', key: 'key', value })
      }),
    )
  })
})

test('words are what is looked for in messages, not values of keys or what is excluded', () => {
  expect(wordsOf('Timeout service:web "In Cart" -gone lo*')).toEqual(['timeout', 'in cart'])
})
