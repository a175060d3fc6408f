/**
 * Of which requests are the lines wanted that other services may still have? Those that failed in the last 10 seconds.
 *
 * Told once each, to all who follow at that moment; who comes later is told what is remembered. Bounded: what is forgotten early is
 * counted where somebody would have been told.
 */
import { monotonicMillis } from '../../diag/clock.ts'
import type { FailedTraces } from './failed-traces.ts'

/** So long may a service still have the lines of a request, and be told. Milliseconds. Source: spec, recorder. */
export const WANTED_MILLIS = 10_000
/** Traces remembered. */
export const MAX_WANTED = 1_000

export type WantedFollower = (traceIds: readonly string[]) => void

export class WantedTraces {
  readonly #now: () => number
  /** When each was heard of; the oldest first. */
  readonly #wanted = new Map<string, number>()
  /** Not wanted for a completion record alone: their service has too many dumps at once. */
  readonly #suppressed = new Map<string, number>()
  readonly #followers = new Set<WantedFollower>()
  /** All there were. */
  count = 0

  /** @param now  default: the monotonic clock */
  constructor(now: () => number = monotonicMillis) {
    this.#now = now
  }

  note({ dumped, failed, suppressed }: FailedTraces): void {
    if (dumped.size + failed.size + suppressed.size === 0) return
    const nowMillis = this.#now()
    for (const ids of [this.#wanted, this.#suppressed]) forget(ids, nowMillis - WANTED_MILLIS)
    for (const traceId of suppressed) remember(this.#suppressed, traceId, nowMillis)
    const fresh = new Set<string>()
    for (const traceId of dumped) if (!this.#wanted.has(traceId)) fresh.add(traceId)
    for (const traceId of failed) {
      if (!this.#wanted.has(traceId) && !this.#suppressed.has(traceId)) fresh.add(traceId)
    }
    if (fresh.size === 0) return
    for (const traceId of fresh) remember(this.#wanted, traceId, nowMillis)
    this.count += fresh.size
    const news = [...fresh]
    for (const follower of this.#followers) follower(news)
  }

  /** From now on, and what is remembered. @returns how to stop */
  follow(follower: WantedFollower): () => void {
    forget(this.#wanted, this.#now() - WANTED_MILLIS)
    this.#followers.add(follower)
    if (this.#wanted.size > 0) follower([...this.#wanted.keys()])
    return () => this.#followers.delete(follower)
  }
}

function remember(ids: Map<string, number>, traceId: string, nowMillis: number): void {
  ids.set(traceId, nowMillis)
  const [oldest] = ids.keys()
  if (ids.size > MAX_WANTED && oldest !== undefined) ids.delete(oldest)
}

function forget(ids: Map<string, number>, beforeMillis: number): void {
  for (const [traceId, millis] of ids) {
    if (millis > beforeMillis) return
    ids.delete(traceId)
  }
}
