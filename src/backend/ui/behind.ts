/**
 * How far the store is behind what has arrived: asked now and then while somebody looks, said when what is shown misses much.
 */
import { type ReadonlySignal, signal } from '@preact/signals'

import { ask } from './api.ts'

const EVERY_MILLIS = 5_000
/** Four requests of the usual size. What is only in the journal counts not: it is in every answer. Bytes. */
const WORTH_SAYING = 4 * 1024 * 1024

const lag = signal(0)

/** Bytes that have arrived and are in no answer yet; 0 while they are few. */
export const bytesBehind: ReadonlySignal<number> = lag

/** Asks until the returned function is called. */
export function watchLag(): () => void {
  const timer = setInterval(() => {
    if (document.hidden) return
    ask('status').then(
      (status) => {
        const { stored } = status as { readonly stored?: { readonly waiting_bytes?: number } }
        const bytes = stored?.waiting_bytes ?? 0
        lag.value = bytes >= WORTH_SAYING ? bytes : 0
      },
      // That the backend is gone is said elsewhere.
      () => {},
    )
  }, EVERY_MILLIS)
  return () => clearInterval(timer)
}
