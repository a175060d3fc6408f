/**
 * The runs: those that came with the page, then asked for again when something has come.
 */
import { type ReadonlySignal, signal } from '@preact/signals'

import type { RunRow } from '../../../model/api.ts'
import { ask, Refused, takeFirst, timesBack } from '../api.ts'

/** So many are listed. */
const LISTED = 50

export interface LoadedRuns {
  /** The newest first; undefined: not known yet. */
  readonly runs: ReadonlySignal<readonly RunRow[] | undefined>
  /** Asks. Reads signals: again when they change. */
  ask(): void
  stop(): void
}

export function loadRuns(): LoadedRuns {
  const runs = signal<readonly RunRow[] | undefined>(undefined)
  const stopper = new AbortController()
  return {
    runs,
    ask() {
      void timesBack.value
      const first = takeFirst()
      if (first !== undefined && !(first instanceof Refused)) runs.value = first.answer as readonly RunRow[]
      else
        ask('runs', { limit: String(LISTED) }, stopper.signal).then(
          (answer) => {
            runs.value = answer as readonly RunRow[]
          },
          () => undefined,
        )
    },
    stop: () => stopper.abort(),
  }
}
