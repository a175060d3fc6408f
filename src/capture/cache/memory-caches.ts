/**
 * Does a cache keep its values in the process's own memory? There a look-up takes a microsecond: it is counted, and told only when it is
 * slow or fails. Of others each look-up is told.
 */

/** By the name of its class: what keeps its values in itself. */
const MEMORY_CLASSES = new Set(['CacheableMemory', 'KeyvCacheableMemory', 'LRUCache', 'NodeCache', 'NodeCacheLegacy'])
/** Stores within stores: cacheable, keyv, an adapter, a Map. */
const MAX_DEPTH = 5

interface Layers {
  readonly stores?: unknown
  readonly store?: unknown
  readonly primary?: unknown
  readonly secondary?: unknown
  /** keyv 4. */
  readonly opts?: { readonly store?: unknown }
  /** The store in memory of cache-manager 5. */
  readonly dump?: unknown
}

/** Reads fields of the cache, and getters that its library gives it; may throw what those do. */
export function isInMemory(cache: unknown, depth = 0): boolean {
  if (typeof cache !== 'object' || cache === null || depth > MAX_DEPTH) return false
  if (cache instanceof Map || MEMORY_CLASSES.has(cache.constructor?.name)) return true
  const { stores, store, primary, secondary, opts, dump } = cache as Layers
  if (typeof dump === 'function') return true
  // cache-manager, cacheable, keyv and its adapters.
  const layers = Array.isArray(stores)
    ? (stores as unknown[])
    : [primary ?? store ?? opts?.store, ...(secondary ? [secondary] : [])]
  return layers.length > 0 && layers.every((layer) => isInMemory(layer, depth + 1))
}
