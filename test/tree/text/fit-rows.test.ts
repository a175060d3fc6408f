import * as fc from 'fast-check'
import { expect, test } from 'vitest'

import { fitRows, type RankedRow } from '../../../src/tree/text/fit-rows.ts'

const row = fc.record({
  rank: fc.nat(5),
  text: fc.string({ maxLength: 120 }).map((text) => text.replaceAll(/[\n…]/g, ' ')),
  noun: fc.constantFrom('cache hit', 'debug line', 'error line', 'gap', 'span', 'cache miss', 'request'),
  tookMillis: fc.option(fc.double({ min: 0, max: 5_000, noNaN: true }), { nil: undefined }),
})
/** A line of counts has four kinds and two figures each at most. */
const LONGEST_FOLD = 220

test('what does not fit is counted, and nothing is longer than allowed', () => {
  fc.assert(
    fc.property(fc.array(row, { maxLength: 80 }), fc.nat(4_000), (rows: RankedRow[], max) => {
      const { lines, shown, folded } = fitRows(rows, max)
      const length = lines.reduce((sum, line) => sum + line.length + 1, 0)
      expect(length).toBeLessThanOrEqual(Math.max(max, LONGEST_FOLD))
      expect(shown + folded).toBe(rows.length)
      const counted = lines.flatMap((line) => /^… ([\d,]+) rows?: /.exec(line)?.[1] ?? [])
      expect(counted.reduce((sum, count) => sum + Number(count.replace(',', '')), 0)).toBe(folded)
    }),
  )
})

test('rows of the lowest rank go first, and stand where they stood', () => {
  const rows = Array.from({ length: 40 }, (_, i) => ({
    rank: i === 20 ? 0 : 3,
    text: `row ${i} ${'-'.repeat(60)}`,
    noun: i % 4 === 0 ? 'debug line' : 'cache hit',
    tookMillis: i % 4 === 0 ? undefined : 0.1 * i,
  }))
  expect(fitRows(rows, 200).lines).toEqual([
    '… 20 rows: 15 cache hits (0.10 to 1.9 ms), 5 debug lines',
    rows[20]?.text,
    '… 19 rows: 15 cache hits (2.1 to 3.9 ms), 4 debug lines',
  ])
})

test('all of them are shown where there is room', () => {
  const rows = [{ rank: 5, text: 'a', noun: 'span' }]
  expect(fitRows(rows, 100)).toEqual({ lines: ['a'], shown: 1, folded: 0 })
})
