/**
 * What the chosen requests share and the others do not: values that are much more frequent among them. Pure.
 */
import type { Facets, FacetValue } from '../../../model/api.ts'

export interface Difference {
  readonly field: string
  readonly value: FacetValue
  /** Share of the chosen ones that have it, 0 to 1; and of all others. */
  readonly inside: number
  readonly outside: number
}

/** Smaller differences may be chance. */
const LEAST_DIFFERENCE = 0.2
const LEAST_COUNT = 5
const MOST_OF_FIELD = 3

/** @param all  counts the chosen ones too. @returns the largest difference first */
export function differences(chosen: Facets, all: Facets): readonly Difference[] {
  return Object.keys(chosen.facets)
    .flatMap((field) => ofField(field, chosen, all).slice(0, MOST_OF_FIELD))
    .toSorted(byDifference)
}

function ofField(field: string, chosen: Facets, all: Facets): Difference[] {
  const inside = totalOf(chosen, field)
  const outside = totalOf(all, field) - inside
  const counts = new Map((all.facets[field] ?? []).map(({ value, count }) => [value, count]))
  if (inside === 0) return []
  return (chosen.facets[field] ?? [])
    .map((value): Difference => {
      const others = Math.max(0, (counts.get(value.value) ?? value.count) - value.count)
      return { field, value, inside: value.count / inside, outside: outside > 0 ? others / outside : 0 }
    })
    .filter((one) => one.value.count >= LEAST_COUNT && one.inside - one.outside >= LEAST_DIFFERENCE)
    .toSorted(byDifference)
}

function byDifference(a: Difference, b: Difference): number {
  return b.inside - b.outside - (a.inside - a.outside)
}

/** How many were counted for this field. */
export function totalOf({ facets, other, missing }: Facets, field: string): number {
  const shown = (facets[field] ?? []).reduce((sum, { count }) => sum + count, 0)
  return shown + (other[field] ?? 0) + (missing[field] ?? 0)
}
