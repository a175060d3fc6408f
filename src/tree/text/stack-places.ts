/**
 * Which row tells a stack that several rows have?
 */
import type { TreeRow } from '../../model/api.ts'

/** Under which row each stack stands, once: under the first line with it, which tells its message; else under the first span. */
export function stackPlaces(rows: readonly TreeRow[]): ReadonlyMap<string, TreeRow> {
  const places = new Map<string, TreeRow>()
  for (const row of rows) {
    const stack = row.error?.stack
    if (stack === undefined) continue
    const place = places.get(stack)
    if (place === undefined || (place.kind !== 'log' && row.kind === 'log')) places.set(stack, row)
  }
  return places
}
