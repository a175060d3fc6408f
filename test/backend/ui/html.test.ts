import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { formatMillis, laneOf } from '../../../src/backend/ui/format.ts'
import { html } from '../../../src/backend/ui/html.ts'

const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', '#39': "'" }
const unescape = (text: string): string => text.replace(/&(\w+|#39);/g, (_, name: string) => ENTITIES[name] ?? '?')

describe('the template', () => {
  test('lets no value become markup, and loses no character of it', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom('<', '>', '&', '"', "'", '/', '=', 'a', 'b', ' ', 'é', '😀') }),
        (text) => {
          const { text: written } = html`${text}`
          expect(written).not.toMatch(/[<>"']/)
          expect(unescape(written)).toBe(text)
        },
      ),
    )
  })

  test('shows control and direction characters instead of obeying them', () => {
    expect(html`${'a\u001b[31mb\u0000\u007f\u202ec\u2066'}`.text).toBe('a\\x1b[31mb\\x00\\x7f\\u202ec\\u2066')
    expect(html`${'tab\tand\nline'}`.text).toBe('tab\tand\nline')
  })

  test('keeps its own markup, joins lists, and writes nothing for undefined', () => {
    expect(html`<b>${[html`<i>${1}</i>`, 'x', undefined, ['y', 0]]}</b>`.text).toBe('<b><i>1</i>xy0</b>')
  })
})

test.each([
  [0.311, '0.31 ms'],
  [41.23, '41.2 ms'],
  [412.3, '412 ms'],
  [9_999, '9999 ms'],
  [12_340, '12.3 s'],
])('%d ms is written %s', (millis, expected) => {
  expect(formatMillis(millis)).toBe(expected)
})

test('a service has the same lane wherever it is shown', () => {
  fc.assert(
    fc.property(fc.string(), (service) => {
      expect([0, 1, 2, 3, 4, 5, 6, 7]).toContain(laneOf(service))
      expect(laneOf(service)).toBe(laneOf(service))
    }),
  )
})
