/**
 * What are the methods of caches called, and what do their answers mean? One table for keyv, cacheable, cache-manager, lru-cache, node-cache
 * and caches like them.
 *
 * | methods | hit |
 * |---|---|
 * | get, getRaw, take | anything but `undefined` and `null` |
 * | getMany, getManyRaw, mget | at least one: one look-up, not one per key |
 * | has | true |
 */
import type { CacheOp } from './cached-options.ts'

export interface CacheMethod {
  readonly op: CacheOp
  /** Of reads: does this answer mean a hit? */
  readonly isHit?: (answer: unknown) => boolean
}

const isPresent = (answer: unknown): boolean => answer !== undefined && answer !== null
const hasAny = (answer: unknown): boolean => {
  if (typeof answer !== 'object' || answer === null) return false
  return (Array.isArray(answer) ? (answer as unknown[]) : Object.values(answer)).some(isPresent)
}

export const CACHE_METHODS: ReadonlyMap<string, CacheMethod> = new Map([
  ...methods({ op: 'get', isHit: isPresent }, 'get getRaw take'),
  ...methods({ op: 'get', isHit: hasAny }, 'getMany getManyRaw mget'),
  ...methods({ op: 'exists', isHit: (answer) => answer === true }, 'has'),
  ...methods({ op: 'set' }, 'set add setMany mset'),
  ...methods({ op: 'delete' }, 'delete del deleteMany mdel'),
  ...methods({ op: 'clear' }, 'clear reset flushAll'),
])

function methods(method: CacheMethod, names: string): [string, CacheMethod][] {
  return names.split(' ').map((name) => [name, method])
}
