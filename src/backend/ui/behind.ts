/**
 * How far the store is behind what has arrived: asked now and then while somebody looks, said when what is shown misses much.
 */
import { type ReadonlySignal, signal } from '@preact/signals'

import { ask } from './api.ts'

const EVERY_MILLIS = 5_000
/** A store that writes in batches is always a little behind. Records. */
const WORTH_SAYING = 2_000

const lag = signal(0)

/** Records that have arrived and are in no answer yet; 0 while they are few. */
export const recordsBehind: ReadonlySignal<number> = lag

/** Asks until the returned function is called. */
export function watchLag(): () => void {
  const timer = setInterval(() => {
    if (document.hidden) return
    ask('status').then(
      (status) => {
        const { journal } = status as { readonly journal?: { readonly lag_records?: number } }
        const records = journal?.lag_records ?? 0
        lag.value = records >= WORTH_SAYING ? records : 0
      },
      // That the backend is gone is said elsewhere.
      () => {},
    )
  }, EVERY_MILLIS)
  return () => clearInterval(timer)
}
