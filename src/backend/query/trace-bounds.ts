/**
 * Between which times a trace has rows: whoever reads traces reads only the row groups of these times.
 *
 * Asked before the rows are: what was visible then is inside the bounds, and that is what an answer promises.
 */
import type { Store } from '../store/store.ts'
import { traceRange } from './filters/id.ts'
import { sqlTraceId } from './rows/sql-text.ts'
import { type TimeRange, unionOf } from './time-range.ts'

/** Traces with no more than this between them are read together: a question costs as much as reading the rows between. Nanoseconds. */
const NEAR_NANOS = 60_000_000_000n
/** So are those with less between them than this share of the time of all: leaving it out saves too little. */
const NEAR_SHARE = 16n
/** Groups at most, so that traces all over the store do not become a question each: then the nearest are read together. */
const MAX_GROUPS = 4

/** @returns traces without rows are not in it */
export async function boundsOf(store: Store, ids: readonly string[]): Promise<ReadonlyMap<string, TimeRange>> {
  return ids.length === 0 ? new Map() : await readBounds(store, isOneOf(ids))
}

/** The same of traces whose ids begin with these hex digits: so many at most. */
export async function boundsOfPrefix(
  store: Store,
  digits: string,
  limit: number,
): Promise<ReadonlyMap<string, TimeRange>> {
  const [low, high] = traceRange(digits)
  return await readBounds(store, `trace BETWEEN '${low}'::UUID AND '${high}'::UUID`, ` LIMIT ${limit}`)
}

async function readBounds(store: Store, condition: string, limit = ''): Promise<ReadonlyMap<string, TimeRange>> {
  const { rows } = await store.read(
    `SELECT trace, min(first), max(last) FROM trace_times WHERE ${condition} GROUP BY trace${limit}`,
  )
  return new Map(rows.map(([trace, first, last]) => [sqlTraceId(trace), { from: first as bigint, to: last as bigint }]))
}

/** The condition that a row is of one of these traces. */
export function isOneOf(ids: readonly string[]): string {
  const list = ids.map((id) => `'${traceRange(id)[0]}'::UUID`).join(', ')
  return ids.length === 1 ? `trace = ${list}` : `trace IN (${list})`
}

/** Traces that are read together. */
export interface TraceGroup {
  readonly ids: readonly string[]
  readonly range: TimeRange
}

/** Each trace in one group: those whose bounds overlap or are near, at most four groups. By time. */
export function groupsOf(bounds: ReadonlyMap<string, TimeRange>): TraceGroup[] {
  const groups: { ids: string[]; range: TimeRange }[] = []
  const near = nearOf(unionOf(bounds.values()))
  const byStart = [...bounds].toSorted(([, a], [, b]) => (a.from < b.from ? -1 : a.from > b.from ? 1 : 0))
  for (const [id, range] of byStart) {
    const last = groups.at(-1)
    if (last === undefined || range.from - last.range.to > near) groups.push({ ids: [id], range })
    else {
      last.ids.push(id)
      last.range = unionOf([last.range, range]) as TimeRange
    }
  }
  while (groups.length > MAX_GROUPS) joinNearest(groups)
  return groups
}

function nearOf(whole: TimeRange | undefined): bigint {
  const share = whole === undefined ? 0n : (whole.to - whole.from) / NEAR_SHARE
  return share > NEAR_NANOS ? share : NEAR_NANOS
}

function joinNearest(groups: { ids: string[]; range: TimeRange }[]): void {
  const gapBefore = (i: number): bigint => {
    const [before, after] = [groups[i - 1], groups[i]] as [TraceGroup, TraceGroup]
    return after.range.from - before.range.to
  }
  let nearest = 1
  for (let i = 2; i < groups.length; i++) if (gapBefore(i) < gapBefore(nearest)) nearest = i
  const [before, after] = [groups[nearest - 1], groups[nearest]] as [TraceGroup, TraceGroup]
  const range = unionOf([before.range, after.range]) as TimeRange
  groups.splice(nearest - 1, 2, { ids: [...before.ids, ...after.ids], range })
}
