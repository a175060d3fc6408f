/**
 * A cache that the application hands over, by `instrumentCache()` of the public API: each call of its methods (cache-methods.ts) is heard.
 *
 * In the process's own memory look-ups are counted, and told only when they are slow or fail; elsewhere each call is a hop. Its methods
 * become properties of the instance that are not shown; what they return and throw goes to the caller unchanged. Functions of ours stand
 * in the stacks of its calls: the application asked for them.
 */
import { context as contextApi } from '@opentelemetry/api'

import { sayOnce } from '../../diag/events.ts'
import { followSharedPromise, isPromise } from '../../diag/followed-promise.ts'
import { safely } from '../../diag/guarded.ts'
import { CACHE_METHODS, type CacheMethod } from './cache-methods.ts'
import { CacheOperations, type CacheOperation } from './cache-operation.ts'
import type { CacheOptions } from './cache-options.ts'
import { hearLoaders } from './cache-loaders.ts'
import { beginLookUp, type AskedCache, type HeardLookUp } from './heard-look-up.ts'
import { hearFetch } from './lru-fetch.ts'
import { isWithinLookUpOf, markInstrumented, unmarkInstrumented } from './look-up-context.ts'
import { isInMemory } from './memory-caches.ts'
import { keyPattern } from './redis-commands.ts'
import { replaceMethod } from './replaced-methods.ts'

/** @returns undoes it. A second call for the same instance does nothing */
export function instrumentCache(options: CacheOptions, instance: object, name: string): () => void {
  return safely('instrumentCache', () => hearCache(options, instance, name)) ?? (() => {})
}

function hearCache(options: CacheOptions, instance: object, name: string): (() => void) | undefined {
  const fault = faultOf(instance)
  if (fault !== undefined) {
    sayOnce(`instrumentCache:${name}`, `instrumentCache(${name}): ${fault}; it is not captured`)
    return undefined
  }
  if (!markInstrumented(instance)) return undefined
  const cache = { instance, name, options, isInMemory: isInMemory(instance), operations: new CacheOperations() }
  const undo = [...CACHE_METHODS].map(([method, means]) => hearMethod(cache, method, means))
  undo.push(...hearLoaders(cache), ...hearFetch(cache))
  return () => {
    for (const step of undo.toReversed()) step?.()
    unmarkInstrumented(instance)
  }
}

function faultOf(instance: { readonly get?: unknown } | undefined): string | undefined {
  if (typeof instance?.get !== 'function') return 'it has no method get'
  return Object.isExtensible(instance) ? undefined : 'it is frozen'
}

function hearMethod(cache: AskedCache, method: string, means: CacheMethod): (() => void) | undefined {
  return replaceMethod(cache.instance, method, (original, self, args) => {
    const call = () => Reflect.apply(original, self, args) as unknown
    // With a callback nobody knows what it returns.
    if (isWithinLookUpOf(contextApi.active(), cache.instance) || typeof args.at(-1) === 'function') return call()
    const lookUp = beginLookUp(cache, operationOf(cache, means, args[0]))
    return lookUp === undefined ? call() : heard(lookUp, call, means)
  })
}

function heard(lookUp: HeardLookUp, call: () => unknown, { isHit }: CacheMethod): unknown {
  let answer: unknown
  try {
    answer = contextApi.with(lookUp.context, call)
  } catch (error) {
    lookUp.failed(error)
    throw error
  }
  const fulfilled = (value: unknown) => lookUp.ended(safely('instrumentCache', () => isHit?.(value)))
  const rejected = (error: unknown) => lookUp.failed(error)
  if (isPromise(answer)) return followSharedPromise(answer, { fulfilled, rejected, unfollowed: () => {} })
  lookUp.wasHere()
  fulfilled(answer)
  return answer
}

/** The same object for the same operation. */
function operationOf(
  { name, options, operations }: AskedCache,
  { op, isHit }: CacheMethod,
  key: unknown,
): CacheOperation {
  const pattern = options.keys === 'pattern' ? keyPattern(Array.isArray(key) ? (key as unknown[])[0] : key) : undefined
  return operations.of(`${op}\n${pattern ?? ''}`, () => ({
    name,
    op,
    isRead: isHit !== undefined,
    spanName: `${name} ${op}`,
    keyPattern: pattern,
    attributes: {},
  }))
}
