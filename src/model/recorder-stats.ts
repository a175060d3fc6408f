/**
 * What the flight recorder says of itself (public API), and why its dumps happen.
 */

/** Of several reasons at the end of a unit the first of these counts. Source: spec, recorder. */
export const DUMP_REASONS = [
  'exception',
  'status',
  'exit',
  'slow',
  'abort',
  'sample',
  'level',
  'manual',
  'remote',
  'tail',
] as const

export type DumpReason = (typeof DUMP_REASONS)[number]

/** kept = dumped + discarded + evicted + what is still in memory, at every moment. */
export interface RecorderStats {
  /** Requests and other units that run and have records kept. */
  readonly units: number
  /** Ended, and still remembered. */
  readonly lingering: number
  /** What is kept takes about so much memory. */
  readonly bytes: number
  /** Records below the level that were kept. */
  readonly kept: number
  readonly dumped: number
  readonly discarded: number
  /** Had to make room. */
  readonly evicted: number
  /** Dumps that were too many at once. */
  readonly suppressed: number
  /** Units of which nothing was kept, because of the budget or of too many at a time. */
  readonly passed: number
  /** Traces that failed in some service, as `tracelog dev` has told. */
  readonly wanted: number
  /** More of them than may be told at once: they were not looked for. */
  readonly unheard: number
  /** Of the units that are kept, 0 to 1. */
  readonly share: number
  readonly dumps: Readonly<Record<DumpReason, number>>
}

/** Where there is no recorder. */
export function emptyRecorderStats(): RecorderStats {
  const dumps = Object.fromEntries(DUMP_REASONS.map((reason) => [reason, 0])) as RecorderStats['dumps']
  const counts = { kept: 0, dumped: 0, discarded: 0, evicted: 0, suppressed: 0, passed: 0, wanted: 0, unheard: 0 }
  return { units: 0, lingering: 0, bytes: 0, ...counts, share: 1, dumps }
}
