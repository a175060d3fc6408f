import { describe, expect, test } from 'vitest'

import { ChunkedRows } from '../../../src/backend/ui/logs/chunked-rows.ts'

const create = (most = 3_000) => new ChunkedRows<string>(most, (dropped) => `${dropped} dropped`)
const all = (rows: ChunkedRows<string>) => Array.from({ length: rows.length }, (_, index) => rows.at(index))

describe('lines in chunks', () => {
  test('are in order, whichever end they came in at', () => {
    const rows = create()
    for (const row of ['c', 'd']) rows.addOlder(row)
    for (const row of ['b', 'a']) rows.addNewer(row)
    expect(all(rows)).toEqual(['a', 'b', 'c', 'd'])
    expect([rows.at(4), rows.isCut]).toEqual([undefined, false])
  })

  test('lose the oldest chunk beyond the bound, and say how many were lost', () => {
    const rows = create()
    rows.addOlder('oldest')
    for (let index = 0; index < 3_500; index++) rows.addNewer(`new ${index}`)
    const kept = all(rows)
    expect(kept[0]).toBe('new 3499')
    const dropped = 3_501 - (kept.length - 1)
    expect(kept.at(-1)).toBe(`${dropped} dropped`)
    expect(kept.at(-2)).toBe(`new ${dropped - 1}`)
    expect(rows.isCut).toBe(true)
    expect(kept.length).toBeLessThanOrEqual(3_001)
  })
})
