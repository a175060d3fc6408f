/**
 * `fetch` of lru-cache: a look-up that calls the application's `fetchMethod` on a miss. What it did stands in the `status` that it fills.
 *
 * It is counted and no more: how long `fetchMethod` took is none of the cache's.
 */
import { context as contextApi } from '@opentelemetry/api'

import { safely } from '../../diag/guarded.ts'
import { isUnheardIn } from './cache-hop.ts'
import type { AskedCache } from './heard-look-up.ts'
import { countingUnit, isWithinLookUpOf } from './look-up-context.ts'
import { replaceMethod } from './replaced-methods.ts'

interface FetchStatus {
  /** `get`: it has no `fetchMethod`. */
  readonly fetch?: 'get' | 'hit' | 'inflight' | 'miss' | 'stale' | 'refresh'
  readonly get?: string
  readonly returnedStale?: boolean
}

/** @returns undo it */
export function hearFetch({ instance }: AskedCache): readonly ((() => void) | undefined)[] {
  if (!('fetchMethod' in instance)) return []
  const undo = replaceMethod(instance, 'fetch', (original, self, args) => {
    const caller = contextApi.active()
    const unit = countingUnit(caller)
    if (unit === undefined || isUnheardIn(caller) || isWithinLookUpOf(caller, instance))
      return Reflect.apply(original, self, args) as unknown
    const given = args[1] as { readonly status?: FetchStatus } | undefined
    const status = given?.status ?? {}
    const answer = Reflect.apply(original, self, [args[0], { ...given, status }] as never) as unknown
    // It has looked before it returned.
    const hit = safely('instrumentCache', () => hitOf(status))
    if (hit !== undefined) unit.rollUp.addCacheRead(hit, 0)
    return answer
  })
  return [undo]
}

/** @returns `undefined`: a version that does not tell */
function hitOf({ fetch, get, returnedStale }: FetchStatus): boolean | undefined {
  if (fetch === undefined) return undefined
  return fetch === 'hit' || returnedStale === true || (fetch === 'get' && get === 'hit')
}
