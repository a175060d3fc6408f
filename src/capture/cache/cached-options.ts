/**
 * The types of `cached()`, apart: the public API shows them, and must not show what is behind it.
 */

/** What is done to the cache. Only `get` and `exists` can hit or miss. */
export type CacheOp = 'get' | 'set' | 'delete' | 'exists' | 'clear'

export interface CachedOptions<T> {
  /** Default: anything but `undefined` and `null` is a hit; for `exists`: anything that is truthy. */
  readonly isHit?: (value: T) => boolean
  /** `user:*`; written only with TRACELOG_CACHE_KEYS=pattern. Never a key. */
  readonly keyPattern?: string
}
