/**
 * Lanes of services that nobody gave one: in order of first sight, never one that is taken. A service keeps what it has.
 */
import type { ServiceRow } from '../../model/api.ts'

/** @param before  lanes that are shown already */
export function assignLanes(
  services: readonly ServiceRow[],
  before: ReadonlyMap<string, number> = new Map(),
): ReadonlyMap<string, number> {
  const lanes = new Map(before)
  for (const { name, lane } of services) if (lane !== undefined) lanes.set(name, lane)
  const taken = new Set(lanes.values())
  let next = 0
  for (const { name } of services.toSorted((a, b) => (a.first_at < b.first_at ? -1 : 1))) {
    if (lanes.has(name)) continue
    while (taken.has(next)) next++
    taken.add(next)
    lanes.set(name, next)
  }
  return lanes
}
