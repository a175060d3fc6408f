/**
 * lru-cache 11 by its channel: look-ups in the process's own memory count into the request's roll-up, and leave no record.
 *
 * They take a microsecond, so there is nothing to tell of one alone. Keys and values are in the messages and not looked at.
 */
import { channel } from 'node:diagnostics_channel'

import { currentUnit } from '../../context/request-unit.ts'
import { guarded } from '../../diag/guarded.ts'
import type { Instrumentation, InstrumentationStatus } from '../instrumentation.ts'

interface LruMetrics {
  readonly op?: string
  /** `stale` is an answer, though an old one. */
  readonly get?: 'hit' | 'miss' | 'stale'
  readonly has?: 'hit' | 'miss' | 'stale'
}

export function createLruCacheInstrumentation(): Instrumentation {
  const metrics = channel('lru-cache:metrics')
  let status: InstrumentationStatus = 'off'
  const onMetrics = guarded('lru-cache:metrics', ({ op, get }: LruMetrics) => {
    // `fetch` looks up by `get` first and is announced once more by itself.
    if (op !== 'get' || get === undefined) return
    currentUnit()?.addCacheRead(get !== 'miss', 0)
  })
  return {
    name: 'lru-cache',
    enable() {
      if (status !== 'off') return
      status = 'active'
      metrics.subscribe(onMetrics)
    },
    disable() {
      status = 'off'
      metrics.unsubscribe(onMetrics)
    },
    status: () => status,
  }
}
