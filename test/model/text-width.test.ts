import { execFileSync } from 'node:child_process'

import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { fit, padEnd, widthOf, wrap } from '../../src/model/text-width.ts'
import { visibleLine } from '../../src/model/visible-text.ts'

describe('cells of a terminal', () => {
  test.each([
    ['abc', 3],
    ['東京', 4],
    ['👩‍👩‍👧', 2],
    ['e\u0301', 1],
    ['→ │ ▾ █', 7],
    ['\u{20000}', 2],
    ['\u{30000}', 2],
    ['\u4dc0', 2],
    ['\ua960', 2],
    ['\u3248', 1],
    ['⌚', 2],
    ['❤️', 2],
    ['1️⃣', 2],
    ['🇩🇪', 2],
    ['\u0301\u0302', 0],
    ['ｶﾞ', 2],
  ])('%j takes %i', (text, width) => {
    expect(widthOf(text)).toBe(width)
  })

  test('a text is cut and padded by cells', () => {
    expect(fit('東京都', 5)).toBe('東京…')
    expect(fit('abc', 3)).toBe('abc')
    expect(fit('abc', 0)).toBe('')
    expect(padEnd('東', 4)).toBe('東  ')
  })

  test('wrapped lines fit, and hold every word', () => {
    fc.assert(
      fc.property(
        fc.array(fc.string({ minLength: 1, maxLength: 30 })),
        fc.integer({ min: 4, max: 60 }),
        (words, width) => {
          const text = visibleLine(words.join(' '))
          const lines = wrap(text, width)
          expect(lines.every((line) => widthOf(line) <= width)).toBe(true)
          expect(lines.join('').replaceAll(' ', '')).toBe(text.replaceAll(' ', ''))
        },
      ),
    )
  })

  test('every character takes what the running ICU says', () => {
    const script = `const { getStringWidth } = require('internal/util/inspect')
      const widths = []
      for (let code = 0x20; code < 0x40000; code++) widths.push(getStringWidth(String.fromCodePoint(code), false))
      process.stdout.write(widths.join(''))`
    const icu = execFileSync(process.execPath, ['--expose-internals', '-e', script], { encoding: 'utf8' })
    const differing: string[] = []
    for (let code = 0x20; code < 0x40000; code++) {
      const character = String.fromCodePoint(code)
      // ICU is asked for the composed form, which some have none of.
      if (character.normalize('NFC') !== character) continue
      // Escaped before they are measured, or no character of this version of Unicode.
      if (/[\p{Cn}\p{Cs}\p{Co}]/u.test(character) || visibleLine(character) !== character) continue
      if (widthOf(character) !== Number(icu[code - 0x20])) differing.push(code.toString(16))
    }
    expect(differing).toEqual([])
  })
})
