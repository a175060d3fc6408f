/**
 * What did all hops below a request come to? Counted on its unit by who sees them, told by its completion record.
 *
 * The one home of these numbers: a kind of hop that joins gets its counters, its `add`, its keys and its part of `tell` here.
 */
import type { AnyValue } from '../model/any-value.ts'
import {
  ATTR_CACHE_HIT,
  ATTR_CACHE_HITS,
  ATTR_CACHE_MS,
  ATTR_CACHE_READS,
  ATTR_DB_CALLS,
  ATTR_DB_MS,
} from '../model/semconv.ts'
import { roundedMillis } from '../model/time.ts'

/** Every key that `tell` may use. */
export const ROLL_UP_KEYS: readonly string[] = [
  ATTR_CACHE_HIT,
  ATTR_CACHE_READS,
  ATTR_CACHE_HITS,
  ATTR_CACHE_MS,
  ATTR_DB_CALLS,
  ATTR_DB_MS,
]

/** Takes one attribute. A plain function and its target apart, so that nothing is made for each request. */
type Put<T> = (target: T, key: string, value: AnyValue) => void

export class RollUp {
  /** Whether the cache that was consulted last hit, here or at a trusted upstream; `undefined`: none was. */
  lastHit: boolean | undefined = undefined
  /** In all caches, how many of them hit, and the time spent in them (milliseconds). */
  cacheReads = 0
  cacheHits = 0
  cacheMillis = 0
  /** To all databases, and the time until they had answered: of calls side by side each one's, so it may exceed the request's. */
  dbCalls = 0
  dbMillis = 0

  /** @param hit  `undefined` for a read that failed: it counts as read, and says nothing about hit or miss */
  addCacheRead(hit: boolean | undefined, millis: number): void {
    this.cacheReads += 1
    this.cacheMillis += millis
    if (hit === undefined) return
    this.lastHit = hit
    if (hit) this.cacheHits += 1
  }

  addDbCall(millis: number): void {
    this.dbCalls += 1
    this.dbMillis += millis
  }

  /** Each attribute of a completion record; of what was not asked, none. */
  tell<T>(target: T, put: Put<T>): void {
    if (this.lastHit !== undefined) put(target, ATTR_CACHE_HIT, this.lastHit)
    if (this.cacheReads > 0) {
      put(target, ATTR_CACHE_READS, this.cacheReads)
      put(target, ATTR_CACHE_HITS, this.cacheHits)
      put(target, ATTR_CACHE_MS, roundedMillis(this.cacheMillis))
    }
    if (this.dbCalls > 0) {
      put(target, ATTR_DB_CALLS, this.dbCalls)
      put(target, ATTR_DB_MS, roundedMillis(this.dbMillis))
    }
  }
}
