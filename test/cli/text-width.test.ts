import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { fit, padEnd, widthOf, wrap } from '../../src/cli/text-width.ts'
import { visibleLine } from '../../src/model/visible-text.ts'

describe('cells of a terminal', () => {
  test.each([
    ['abc', 3],
    ['東京', 4],
    ['👩‍👩‍👧', 2],
    ['e\u0301', 1],
    ['→ │ ▾ █', 7],
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
})
