/**
 * What the public API offers for caches that tracelog does not find by itself.
 */
import type { CacheOptions } from './cache-options.ts'
import { createCached, type Cached } from './cached.ts'
import { instrumentCache } from './instrument-cache.ts'

export interface CacheApi {
  readonly cached: Cached
  instrumentCache(instance: object, name: string): () => void
}

export function createCacheApi(options: CacheOptions): CacheApi {
  return {
    cached: createCached(options),
    instrumentCache: (instance, name) => instrumentCache(options, instance, name),
  }
}
