/**
 * `wrap(key, load)` of cache-manager: a look-up, and what the application does on a miss. The look-up is over when `load` is called; what
 * `load` does is none of the cache's, and runs in its caller's context.
 *
 * Whether it hit is what the stores below have answered: a call that waits for another one's `load` asks none.
 */
import { context as contextApi, createContextKey } from '@opentelemetry/api'

import { followSharedPromise, isPromise } from '../../diag/followed-promise.ts'
import { beginLookUp, type AskedCache, type HeardLookUp } from './heard-look-up.ts'
import { replaceMethod } from './replaced-methods.ts'

interface Asked {
  readonly cache: object
  /** `undefined`: no store was. */
  hit: boolean | undefined
}

const ASKED = createContextKey('tracelog.cache.asked')

/** @returns undo it */
export function hearLoaders(cache: AskedCache): readonly ((() => void) | undefined)[] {
  const stores = storesOf(cache.instance)
  if (stores.length === 0) return []
  return [hearWrap(cache), ...stores.map((store) => hearStore(cache.instance, store))]
}

/** cache-manager 6 and 7: an array; 5: one. */
function storesOf(instance: object): readonly object[] {
  const { stores, store, wrap } = instance as { stores?: unknown; store?: unknown; wrap?: unknown }
  if (typeof wrap !== 'function') return []
  const all = Array.isArray(stores) ? (stores as unknown[]) : [store]
  return all.filter((each): each is object => typeof (each as { get?: unknown } | undefined)?.get === 'function')
}

function hearStore(cache: object, store: object): (() => void) | undefined {
  return replaceMethod(store, 'get', (original, self, args) => {
    const answer = Reflect.apply(original, self, args) as unknown
    const asked = contextApi.active().getValue(ASKED) as Asked | undefined
    if (asked?.cache !== cache) return answer
    asked.hit ??= false
    const fulfilled = (value: unknown) => void (asked.hit ||= value !== undefined && value !== null)
    if (isPromise(answer)) return followSharedPromise(answer, { fulfilled, rejected: nothing, unfollowed: nothing })
    fulfilled(answer)
    return answer
  })
}

function hearWrap(cache: AskedCache): (() => void) | undefined {
  const operation = { name: cache.name, op: 'get', isRead: true, spanName: `${cache.name} get`, attributes: {} }
  return replaceMethod(cache.instance, 'wrap', (original, self, args) => {
    const at = args.findLastIndex((each) => typeof each === 'function')
    const lookUp = at < 1 ? undefined : beginLookUp(cache, { ...operation, keyPattern: undefined })
    if (lookUp === undefined) return Reflect.apply(original, self, args) as unknown
    const asked: Asked = { cache: cache.instance, hit: undefined }
    const passed = args.with(
      1,
      loaderOf(args[1], () => lookUp.ended(asked.hit)),
    )
    const call = () => Reflect.apply(original, self, passed) as unknown
    return settled(contextApi.with(lookUp.context.setValue(ASKED, asked), call), lookUp, asked)
  })
}

function nothing(): void {}

/** It runs where its caller is. */
function loaderOf(load: unknown, onLoad: () => void): unknown {
  if (typeof load !== 'function') return load
  const caller = contextApi.active()
  return new Proxy(load as (...args: never[]) => unknown, {
    apply(original, self, args) {
      onLoad()
      return contextApi.with(caller, () => Reflect.apply(original, self, args) as unknown)
    },
  })
}

/** What fails here is what `load` does, for the look-up's caller or for another one: cache-manager forgives its stores. */
function settled(answer: unknown, lookUp: HeardLookUp, asked: Asked): unknown {
  const ended = () => lookUp.ended(asked.hit)
  if (isPromise(answer)) return followSharedPromise(answer, { fulfilled: ended, rejected: ended, unfollowed: nothing })
  ended()
  return answer
}
