/**
 * node-cache 5.1, by its own statistics: its look-ups count into the request's roll-up, and leave no record.
 *
 * It publishes nothing, and its methods are fields of each cache. Each of them first asks whether its `this` is a NodeCache, which is heard
 * by the class's `Symbol.hasInstance`; what the method then looked up stands in the cache's `stats`, which are read when anything
 * is asked next, or when the request's numbers are. `mget` counts once per key, as it does in `stats`.
 */
import { onNumbersAsked } from '../../context/late-counts.ts'
import type { RequestUnit } from '../../context/request-unit.ts'
import { guarded } from '../../diag/guarded.ts'
import type { LibraryHook } from '../library-instrumentation.ts'
import { countingUnit, isInstrumented } from './look-up-context.ts'

interface NodeCache {
  /** Absent while it is made. */
  readonly stats?: { readonly hits: number; readonly misses: number }
}

/** What the cache had looked up before the method that runs. */
interface Before {
  readonly unit: RequestUnit
  readonly cache: NodeCache
  readonly hits: number
  readonly reads: number
}

export function createNodeCacheHook(): LibraryHook {
  return { onFile: ({ exports }) => watchStats(exports as object) }
}

function watchStats(nodeCache: object): () => void {
  if (typeof nodeCache !== 'function') throw new Error('it is no class')
  const stats = new StatsWatch()
  const hear = guarded('node-cache', (cache: NodeCache) => stats.asked(cache))
  const isInstance = Function.prototype[Symbol.hasInstance]
  Object.defineProperty(nodeCache, Symbol.hasInstance, {
    configurable: true,
    enumerable: false,
    writable: true,
    value(this: unknown, subject: unknown) {
      const is = isInstance.call(this as never, subject)
      if (is) hear(subject)
      return is
    },
  })
  const ignore = onNumbersAsked(guarded('node-cache stats', () => stats.settle()))
  return () => {
    ignore()
    Reflect.deleteProperty(nodeCache, Symbol.hasInstance)
  }
}

class StatsWatch {
  #before: Before | undefined

  asked(cache: NodeCache): void {
    this.settle()
    const unit = countingUnit()
    if (unit === undefined || cache.stats === undefined || isInstrumented(cache)) return
    const { hits, misses } = cache.stats
    this.#before = { unit, cache, hits, reads: hits + misses }
  }

  settle(): void {
    const before = this.#before
    if (before === undefined) return
    this.#before = undefined
    const { hits = 0, misses = 0 } = before.cache.stats ?? {}
    if (hits + misses > before.reads) before.unit.rollUp.addCacheRead(hits > before.hits, 0)
  }
}
