import { describe, expect, test } from 'vitest'

import { addFacets, addHistogram } from '../../../src/backend/ui/counts/add-counts.ts'
import { axisLabels, barsOf, rangeOf, shiftedRange } from '../../../src/backend/ui/counts/bars.ts'
import type { Facets, Histogram } from '../../../src/model/api.ts'

const at = (seconds: number) => new Date(Date.UTC(2026, 10, 30, 14, 0, seconds)).toISOString()

function histogram(from: number, series: Histogram['series'], complete = true): Histogram {
  const length = Object.values(series)[0]?.length ?? 0
  return { from: at(from), to: at(from + length), step_ms: 1_000, series, complete, covered_from: at(from) }
}

describe('an older part', () => {
  test('is added to a histogram by its time', () => {
    const newer = histogram(0, { ok: [0, 0, 3, 4], error: [0, 0, 0, 1] }, false)
    const older = histogram(-1, { ok: [1, 2, 0] })
    expect(addHistogram(newer, older)).toEqual({
      from: at(-1),
      to: at(4),
      step_ms: 1_000,
      series: { ok: [1, 2, 0, 3, 4], error: [0, 0, 0, 0, 1] },
      complete: true,
      covered_from: at(-1),
    })
  })

  test('is added to facets by value', () => {
    const part = (values: Record<string, number>, complete: boolean): Facets => ({
      facets: { service: Object.entries(values).map(([value, count]) => ({ value, count })) },
      other: { service: 1 },
      missing: { service: 2 },
      complete,
      covered_from: at(0),
    })
    const { facets, other, missing, complete } = addFacets(
      part({ web: 3, api: 2 }, false),
      part({ api: 5, lb: 1 }, true),
    )
    expect(facets['service']).toEqual([
      { value: 'api', count: 7 },
      { value: 'web', count: 3 },
      { value: 'lb', count: 1 },
    ])
    expect([other['service'], missing['service'], complete]).toEqual([2, 4, true])
  })
})

describe('bars', () => {
  const counted = histogram(0, { ok: [10, 0], error: [1, 0], client_error: [0, 0] })

  test('have what failed below, never too small to be seen, and say their numbers', () => {
    const [bar, empty] = barsOf(counted, 44)
    expect(bar?.parts.map(({ kind }) => kind)).toEqual(['bad', 'rest'])
    expect(bar?.parts[0]).toEqual({ kind: 'bad', y: 40, height: 4 })
    expect(bar?.says).toBe('14:00:00: 10 ok, 1 error')
    expect(empty).toEqual({ parts: [], says: '14:00:01: none' })
    const [tiny] = barsOf(histogram(0, { ok: [10_000], error: [1] }), 44)
    expect(tiny?.parts[0]?.height).toBe(2)
  })

  test('are a range in either direction, moved and scaled', () => {
    const begin = Date.parse(at(0))
    expect(rangeOf(counted, [1, 0])).toEqual({ from: begin, to: begin + 2_000 })
    expect(shiftedRange(counted, -1, 1)).toEqual({ from: begin - 2_000, to: begin })
    expect(shiftedRange(counted, 0, 0.5)).toEqual({ from: begin + 500, to: begin + 1_500 })
    expect(axisLabels(counted)).toEqual(['14:00:00', '14:00:00', '14:00:01', '14:00:01', '14:00:02'])
  })
})
