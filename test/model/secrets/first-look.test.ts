/**
 * The first look never says no to a text in which the search finds something, whatever form it has and whatever stands around it.
 */
import { readFileSync } from 'node:fs'

import * as fc from 'fast-check'
import { expect, test } from 'vitest'

import { createFirstLook, MIN_LENGTH } from '../../../src/model/secrets/first-look.ts'
import { createTextSearch } from '../../../src/model/secrets/redact-text.ts'
import { createSecretKeys } from '../../../src/model/secrets/secret-keys.ts'
import { SECRET_WORDS } from '../../../src/model/secrets/secret-words.ts'
import { VENDOR_TOKENS } from '../../../src/model/secrets/token-shapes.ts'
import { SECRET_TEXTS, SECRETS, TOKENS } from '../../fixtures/secrets/secret-texts.ts'

const HARMLESS = readFileSync(new URL('../../fixtures/secrets/harmless.txt', import.meta.url), 'utf8').split('\n')
const HIDDEN = SECRET_TEXTS.flatMap((text) => SECRETS.map((secret) => text.replaceAll('<S>', secret)))

const ALL_TOKENS = Object.values(TOKENS)

const BUILT_IN = createSecretKeys()
const OWN = createSecretKeys({ addedKeys: ['iban', 'x-Internal_Id', '#7'], removedKeys: ['session'] })
const EACH = [BUILT_IN, OWN].map((keys) => ({ mayHold: createFirstLook(keys), search: createTextSearch(keys) }))

/** Of the texts, those that are changed although nothing could be in them. */
function missed(texts: readonly string[]): readonly string[] {
  const searched = texts.filter((text) => text.length >= MIN_LENGTH)
  return searched.filter((text) => EACH.some(({ mayHold, search }) => !mayHold(text) && search(text) !== text))
}

/** The text in all the ways in which it may stand in another, also cut off. */
function standing(text: string): readonly string[] {
  const quoted = JSON.stringify(text)
  const whole = [
    text,
    quoted,
    JSON.stringify(quoted),
    `a ${text} b`,
    `'${text}'`,
    text.toUpperCase(),
    text.toLowerCase(),
  ]
  return [...whole, text.slice(1), text.slice(0, -1), text.slice(Math.floor(text.length / 2))]
}

test('of the corpora, texts with secrets and harmless ones', () => {
  expect(missed([...HIDDEN, ...ALL_TOKENS, ...HARMLESS].flatMap(standing))).toEqual([])
})

test('of two texts of the corpora side by side, cut anywhere', () => {
  const piece = fc
    .tuple(fc.constantFrom(...HIDDEN, ...ALL_TOKENS, ...HARMLESS), fc.nat(20), fc.nat(20))
    .map(([text, start, end]) => text.slice(start, text.length - end))
  const between = fc.constantFrom('', ' ', '\n', ',', '"', "'", '\\', '-', ':', '=')
  fc.assert(
    fc.property(piece, between, piece, (one, gap, other) => missed([`${one}${gap}${other}`]).length === 0),
    { numRuns: 5000 },
  )
})

test('of keys, signs, words and quotes in any order', () => {
  const words = SECRET_WORDS.map(({ word }) => word.replaceAll(' ', '_'))
  const name = fc.constantFrom(
    ...words,
    'name',
    'value',
    'val',
    'v',
    'contents',
    'stringValue',
    'user',
    'Bearer',
    'basic',
  )
  const marks = ['=', ':', ': ', ' = ', '>', '=>', "'", '"', '`', ',', '--', '-u ', ' ', '\t', '\\', '\\"', '@', '://']
  const others = ['?', '&', '[', '{', '(', '<', '</', 'identified by', 'tcp(', '\r\n', '\\n', '.', '%5D', '5']
  const sign = fc.constantFrom(...marks, ...others)
  const value = fc.constantFrom('hunter2', 'YW5uOmh1bnRlcjI=', 'eyJhbGciOiJub25lIn0.e30.abcdefgh', '4111111111111111')
  const text = fc
    .array(fc.oneof(name, sign, sign, value), { minLength: 1, maxLength: 12 })
    .map((parts) => parts.join(''))
  fc.assert(
    fc.property(text, (one) => missed([one]).length === 0),
    { numRuns: 20_000 },
  )
})

test.each(VENDOR_TOKENS)('of tokens that vendors issue: %s', (pattern) => {
  const token = fc.stringMatching(new RegExp(`^${pattern.replaceAll(/\(\?!.*?\)/g, '')}$`))
  const around = fc.constantFrom('', ' ', 'job ', '/', '(')
  fc.assert(fc.property(around, token, around, (before, one, after) => missed([before + one + after]).length === 0))
})

test('of cards, however their digits are grouped and wherever they stand', () => {
  const cards = [
    '4111111111111111',
    '4111 1111 1111 1111',
    '4111-1111-1111-1111',
    '3782 822463 10005',
    '3056 930902 5904',
  ]
  const search = createTextSearch(BUILT_IN)
  const texts = cards.flatMap((card) => Array.from({ length: 40 }, (_, before) => `${'x'.repeat(before)} ${card} x`))
  expect(texts.filter((text) => search(text) === text)).toEqual([])
  expect(missed(texts)).toEqual([])
})
