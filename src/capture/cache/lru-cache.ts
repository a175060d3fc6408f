/**
 * lru-cache 11 by its channel: look-ups in the process's own memory count into the request's roll-up, and leave no record.
 *
 * They take a microsecond, so there is nothing to tell of one alone. Keys and values are in the messages and not looked at. Caches that
 * libraries keep for themselves (Apollo its documents) do not count.
 */
import type { LibraryHook } from '../library-instrumentation.ts'
import { isAskedByApplication } from './asking-code.ts'
import { countingUnit, isInstrumented } from './look-up-context.ts'

interface LruMetrics {
  readonly op?: string
  /** `stale` is an answer, though an old one. */
  readonly get?: 'hit' | 'miss' | 'stale'
  readonly has?: 'hit' | 'miss' | 'stale'
  readonly cache?: object
}

/** Opened by the first look-up. */
export function createLruCacheHook(): LibraryHook {
  return {
    channels: {
      'lru-cache:metrics': ({ op, get, cache }: LruMetrics) => {
        // `fetch` looks up by `get` first and is announced once more by itself.
        if (op !== 'get' || get === undefined) return
        if (cache !== undefined && isInstrumented(cache)) return
        const unit = countingUnit()
        if (unit === undefined || (cache !== undefined && !isAskedByApplication(cache))) return
        unit.rollUp.addCacheRead(get !== 'miss', 0)
      },
    },
  }
}
