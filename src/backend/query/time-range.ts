/**
 * A stretch of time as a condition on rows: row groups outside of it are not read.
 */

/** Nanoseconds since the epoch; both ends included. */
export interface TimeRange {
  readonly from: bigint
  readonly to: bigint
}

/** Alone or joined by AND: under an OR or inside a function DuckDB reads all row groups. */
export function rangeCondition({ from, to }: TimeRange): string {
  return `t BETWEEN ${from} AND ${to}`
}

/** The shortest range that holds all of them; undefined: there are none. */
export function unionOf(ranges: Iterable<TimeRange>): TimeRange | undefined {
  let union: TimeRange | undefined
  for (const { from, to } of ranges) {
    if (union === undefined) union = { from, to }
    else union = { from: from < union.from ? from : union.from, to: to > union.to ? to : union.to }
  }
  return union
}
