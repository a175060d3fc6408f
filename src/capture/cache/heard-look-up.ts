/**
 * One call of a cache that was handed over: as a hop from its beginning, or, where its values are in the process's own memory, counted at
 * its end and told when it was slow or has failed.
 */
import { context as contextApi, type Context } from '@opentelemetry/api'

import { monotonicMillis } from '../../diag/clock.ts'
import { beginCacheHop, isUnheardIn, type CacheCaller, type CacheHop } from './cache-hop.ts'
import type { CacheOperation, CacheOperations } from './cache-operation.ts'
import type { CacheOptions } from './cache-options.ts'
import { countingUnit, withinLookUp } from './look-up-context.ts'

export interface AskedCache {
  readonly instance: object
  readonly name: string
  readonly options: CacheOptions
  readonly isInMemory: boolean
  readonly operations: CacheOperations
}

/** From here on a look-up in the process's own memory is slow. Milliseconds. */
const SLOW_MILLIS = 10

/** @returns `undefined`: nothing is to be recorded of it */
export function beginLookUp(cache: AskedCache, operation: CacheOperation): HeardLookUp | undefined {
  const caller = { context: contextApi.active(), startedMillis: monotonicMillis() }
  return isUnheardIn(caller.context) ? undefined : new HeardLookUp(cache, operation, caller)
}

export class HeardLookUp {
  /** In which the cache is asked. */
  readonly context: Context
  readonly #options: CacheOptions
  readonly #operation: CacheOperation
  readonly #caller: CacheCaller
  /** `undefined`: in the process's own memory. */
  #hop: CacheHop | undefined
  #hasEnded = false

  constructor({ instance, options, isInMemory }: AskedCache, operation: CacheOperation, caller: CacheCaller) {
    this.#options = options
    this.#operation = operation
    this.#caller = caller
    if (!isInMemory) this.#hop = beginCacheHop(options, operation, caller)
    this.context = withinLookUp(this.#hop?.context ?? caller.context, instance)
  }

  /** It has answered without a promise: its values are in the process's own memory. */
  wasHere(): void {
    this.#hop?.forgotten()
    this.#hop = undefined
  }

  /** The first end counts. */
  ended(hit: boolean | undefined): void {
    if (!this.#isFirstEnd()) return
    const millis = monotonicMillis() - this.#caller.startedMillis
    const isTold = this.#options.spans === 'all' || (this.#options.spans !== 'off' && millis >= SLOW_MILLIS)
    if (this.#hop === undefined && isTold) this.#hop = beginCacheHop(this.#options, this.#operation, this.#caller)
    if (this.#hop !== undefined) this.#hop.ended(hit)
    else if (this.#operation.isRead) countingUnit(this.#caller.context)?.rollUp.addCacheRead(hit, millis)
  }

  failed(error: unknown): void {
    if (!this.#isFirstEnd()) return
    this.#hop ??= beginCacheHop(this.#options, this.#operation, this.#caller)
    this.#hop?.failed(error)
  }

  #isFirstEnd(): boolean {
    const isFirst = !this.#hasEnded
    this.#hasEnded = true
    return isFirst
  }
}
