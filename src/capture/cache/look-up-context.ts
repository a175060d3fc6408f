/**
 * One look-up is counted once, by the outermost cache that was asked: what a cache asks on its own behalf (cacheable its keyv, keyv its
 * Redis) still has spans and records, and does not count again. Whose look-up is a context within?
 */
import { context as contextApi, type Context } from '@opentelemetry/api'

import { unitOf, type RequestUnit } from '../../context/request-unit.ts'

const LOOK_UP: unique symbol = Symbol.for('org.tracelog.cache-look-up')

interface LookUp {
  readonly cache: object
  readonly outer: LookUp | undefined
}

/** Given to `instrumentCache`: they count by themselves, and whoever hears their library leaves them alone. */
const instrumented = new WeakSet<object>()
/** Most processes have no such cache: nothing is looked for. */
let isInUse = false

/** @param cache  who asks: an instrumented cache, or the name given to `cached()` */
export function withinLookUp(context: Context, cache: object): Context {
  isInUse = true
  return context.setValue(LOOK_UP, { cache, outer: lookUpOf(context) } satisfies LookUp)
}

/** The cache calls its own methods. */
export function isWithinLookUpOf(context: Context, cache: object): boolean {
  for (let at = lookUpOf(context); at !== undefined; at = at.outer) if (at.cache === cache) return true
  return false
}

/** Where a look-up that is made in this context counts; `undefined`: it is part of another one, or of no request. */
export function countingUnit(context: Context = contextApi.active()): RequestUnit | undefined {
  return lookUpOf(context) === undefined ? unitOf(context) : undefined
}

function lookUpOf(context: Context): LookUp | undefined {
  return isInUse ? (context.getValue(LOOK_UP) as LookUp | undefined) : undefined
}

/** @returns false: it is instrumented already */
export function markInstrumented(cache: object): boolean {
  if (instrumented.has(cache)) return false
  instrumented.add(cache)
  return true
}

export function unmarkInstrumented(cache: object): void {
  instrumented.delete(cache)
}

export function isInstrumented(cache: object): boolean {
  return instrumented.has(cache)
}
