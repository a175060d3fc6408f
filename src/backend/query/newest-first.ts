/**
 * How much of a long time can be counted within a budget? The newest part, and more of it as long as there is time.
 *
 * Each question is of all that is covered by its answer, from the newest time back, so that no answers are added up and each is exact.
 * Each goes back at least twice as far as the one before: all of them together read at most twice what the last one reads.
 */
import { floorTo } from '../../model/time-step.ts'
import type { Store } from '../store/store.ts'
import type { TimeRange } from './time-range.ts'

/** Rows of which counts are made at once, probably: a few milliseconds. */
const FIRST_ROWS = 150_000n
const MOST_GROWTH = 16
const LEAST_GROWTH = 2
/** A question that was expected to fit is given up after that. Milliseconds. */
const SPARE_MILLIS = 50

export interface NewestFirst {
  readonly range: TimeRange
  /** Milliseconds. The first question is asked in any case, and ends as every question does. */
  readonly budgetMillis: number
  /** Where a part that begins at about that time may begin: there or before. */
  readonly align: (time: bigint) => bigint
}

export interface CoveredPart<T> {
  readonly answer: T
  readonly from: bigint
  readonly isComplete: boolean
}

/** Asks of a part. @throws TRACELOG_QUERY_TIMEOUT after that time, where there is one */
export type AskPart<T> = (range: TimeRange, timeoutMillis?: number) => Promise<T>

export async function newestFirst<T>(store: Store, options: NewestFirst, ask: AskPart<T>): Promise<CoveredPart<T>> {
  const { range, budgetMillis } = options
  const started = performance.now()
  let length = await firstLength(store, range)
  let covered: CoveredPart<T> | undefined
  for (;;) {
    const from = startOf(options, length)
    const asked = performance.now()
    const left = budgetMillis - (asked - started)
    let answer: T
    try {
      // oxlint-disable-next-line no-await-in-loop -- each part is only asked for when the one before left time for it
      answer = await ask({ from, to: range.to }, covered === undefined ? undefined : left + SPARE_MILLIS)
    } catch (error) {
      if (covered === undefined || (error as { code?: unknown }).code !== 'TRACELOG_QUERY_TIMEOUT') throw error
      return covered
    }
    covered = { answer, from, isComplete: from <= range.from }
    const now = performance.now()
    const fits = (budgetMillis - (now - started)) / (now - asked)
    if (covered.isComplete || fits < LEAST_GROWTH) return covered
    length *= BigInt(Math.floor(Math.min(fits, MOST_GROWTH)))
  }
}

/** For `align`, where nothing asks for more. */
export function wholeMillis(time: bigint): bigint {
  return floorTo(time, 1_000_000n)
}

function startOf({ range, align }: NewestFirst, length: bigint): bigint {
  const from = align(range.to - length + 1n)
  return from > range.from ? from : range.from
}

/** As if rows were spread evenly. */
async function firstLength(store: Store, { from, to }: TimeRange): Promise<bigint> {
  const { logs, spans } = await store.stats()
  const rows = BigInt(logs + spans)
  const whole = to - from + 1n
  return rows <= FIRST_ROWS ? whole : (whole * FIRST_ROWS) / rows + 1n
}
