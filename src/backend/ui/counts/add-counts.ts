/**
 * Answers for counts come newest part first; these add what an older part says. Pure.
 */
import type { Facets, FacetValue, Histogram } from '../../../model/api.ts'

/** Steps are matched by time: both have the same length of step. */
export function addHistogram(newer: Histogram, older: Histogram): Histogram {
  const step = newer.step_ms
  const from = Math.min(Date.parse(newer.from), Date.parse(older.from))
  const to = Math.max(Date.parse(newer.to), Date.parse(older.to))
  const count = Math.round((to - from) / step)
  const series: Record<string, number[]> = {}
  for (const part of [newer, older]) {
    const offset = Math.round((Date.parse(part.from) - from) / step)
    for (const [name, numbers] of Object.entries(part.series)) {
      const sum = (series[name] ??= Array.from({ length: count }, () => 0))
      for (const [index, number] of numbers.entries()) sum[offset + index] = (sum[offset + index] ?? 0) + number
    }
  }
  const { complete, covered_from } = older
  return {
    ...newer,
    from: new Date(from).toISOString(),
    to: new Date(to).toISOString(),
    series,
    complete,
    covered_from,
  }
}

export function addFacets(newer: Facets, older: Facets): Facets {
  const facets: Record<string, readonly FacetValue[]> = {}
  for (const [field, values] of Object.entries(newer.facets)) {
    const sums = new Map(values.map((value) => [value.value, value]))
    for (const value of older.facets[field] ?? []) {
      const known = sums.get(value.value)
      sums.set(value.value, known === undefined ? value : { ...known, count: known.count + value.count })
    }
    const all = [...sums.values()]
    const isRange = all.every(({ from, to }) => from !== undefined || to !== undefined)
    facets[field] = isRange
      ? all.toSorted((a, b) => (a.from ?? -Infinity) - (b.from ?? -Infinity))
      : all.toSorted((a, b) => b.count - a.count)
  }
  const { complete, covered_from } = older
  return {
    ...newer,
    facets,
    other: added(newer.other, older.other),
    missing: added(newer.missing, older.missing),
    complete,
    covered_from,
  }
}

function added(a: Readonly<Record<string, number>>, b: Readonly<Record<string, number>>): Record<string, number> {
  const sum: Record<string, number> = { ...a }
  for (const [name, number] of Object.entries(b)) sum[name] = (sum[name] ?? 0) + number
  return sum
}
