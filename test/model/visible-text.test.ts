import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { visibleBlock, visibleLine } from '../../src/model/visible-text.ts'

/** What has been used to fool terminals and readers, and what must pass. */
const CORPUS: readonly (readonly [string, string])[] = [
  ['plain', 'plain'],
  ['\u001b[31mred\u001b[0m', '\\x1b[31mred\\x1b[0m'],
  ['\u001b]0;title\u0007', '\\x1b]0;title\\x07'],
  ['\u001b]8;;http://evil\u001b\\link', '\\x1b]8;;http://evil\\x1b\\link'],
  ['\u009b31m', '\\x9b31m'],
  ['\u0090q\u009c', '\\x90q\\x9c'],
  ['a\rb', 'a\\rb'],
  ['a\nb', 'a\\nb'],
  ['a\tb', 'a\\tb'],
  ['a\bb\u007f', 'a\\x08b\\x7f'],
  ['\u202egpj.exe', '\\u202egpj.exe'],
  ['\u2066a\u2069', '\\u2066a\\u2069'],
  ['\u200e\u200f\u061c', '\\u200e\\u200f\\u061c'],
  ['a\u2028b\u2029', 'a\\u2028b\\u2029'],
  ['\ufeffbom\u00adshy\u200b', '\\ufeffbom\\xadshy\\u200b'],
  ['tag \u{e0041}', 'tag \\u{e0041}'],
  ['filler \u3164\u115f', 'filler \\u3164\\u115f'],
  ['half \ud800 pair', 'half \\ud800 pair'],
  ['größe 東京 שלום مرحبا', 'größe 東京 שלום مرحبا'],
  ['👩‍👩‍👧 می‌خواهم', '👩‍👩‍👧 می‌خواهم'],
]

describe('text of logs on a screen', () => {
  test.each(CORPUS)('%j is shown as %j', (text, shown) => {
    expect(visibleLine(text)).toBe(shown)
  })

  test('never holds a character that a screen obeys, whatever the text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(visibleLine(text)).not.toMatch(/[\p{Cc}\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/u)
      }),
      { numRuns: 2_000 },
    )
  })

  test('keeps the lines of a text apart', () => {
    expect(visibleBlock('a\n\tb\r\n\u001bc')).toBe('a\n\tb\\r\n\\x1bc')
  })
})
