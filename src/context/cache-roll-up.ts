/**
 * What did all look-ups of a request come to? Counted for its completion record.
 */

export class CacheRollUp {
  /** In all caches, how many of them hit, and the time spent in them (milliseconds). */
  reads = 0
  hits = 0
  millis = 0
  /** Whether the cache that was consulted last hit, here or at a trusted upstream; `undefined`: none was. */
  lastHit: boolean | undefined = undefined

  /** @param hit  `undefined` for a read that failed: it counts as read, and says nothing about hit or miss */
  add(hit: boolean | undefined, millis: number): void {
    this.reads += 1
    this.millis += millis
    if (hit === undefined) return
    this.lastHit = hit
    if (hit) this.hits += 1
  }
}
