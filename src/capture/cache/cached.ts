/**
 * A look-up in a cache that we do not know, as one hop with hit or miss: `cached()` of the public API.
 */
import { context as contextApi } from '@opentelemetry/api'

import { beginCacheHop } from './cache-hop.ts'
import { CacheOperations } from './cache-operation.ts'
import type { CacheOptions } from './cache-options.ts'
import type { CachedOptions, CacheOp } from './cached-options.ts'
import { withinLookUp } from './look-up-context.ts'

export type Cached = <T>(
  name: string,
  op: CacheOp,
  read: () => T | Promise<T>,
  options?: CachedOptions<T>,
) => Promise<T>

/** `cached` over this pipeline. What `read` gives or throws goes to the caller unchanged. */
export function createCached(cacheOptions: CacheOptions): Cached {
  const operations = new CacheOperations()
  return async (name, op, read, options = {}) => {
    const isRead = op === 'get' || op === 'exists'
    const { keyPattern } = options
    const operation = operations.of(`${name}\n${op}\n${keyPattern === undefined ? '' : `/${keyPattern}`}`, () => ({
      name,
      op,
      isRead,
      spanName: `${name} ${op}`,
      keyPattern,
      attributes: {},
    }))
    const hop = beginCacheHop(cacheOptions, operation)
    try {
      // What it asks below counts here.
      const value = await (isRead ? contextApi.with(withinLookUp(contextApi.active(), operation), read) : read())
      hop?.ended(isRead ? judge(value, op, options.isHit) : undefined)
      return value
    } catch (error) {
      hop?.failed(error)
      throw error
    }
  }
}

function judge<T>(value: T, op: CacheOp, isHit: ((value: T) => boolean) | undefined): boolean | undefined {
  try {
    if (isHit !== undefined) return isHit(value)
  } catch {
    // The application's own test; a wrong one must not fail its look-up.
    return undefined
  }
  return op === 'exists' ? Boolean(value) : value !== undefined && value !== null
}
