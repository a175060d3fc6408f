/**
 * The comparison that the address names: the answer that came with the page, else asked for; of one request alone, the good one of
 * its kind is asked for first.
 */
import { type ReadonlySignal, signal } from '@preact/signals'

import type { RequestRow, TreeDiff } from '../../../model/api.ts'
import { ask, Refused, takeFirst, timesBack } from '../api.ts'
import { param } from '../state.ts'

export interface LoadedDiff {
  readonly diff: ReadonlySignal<TreeDiff | undefined>
  /** Why there is none; `''`: it is asked for. */
  readonly problem: ReadonlySignal<string>
  /** Asks. Reads signals: again when they change. */
  ask(): void
  stop(): void
}

export function loadDiff(): LoadedDiff {
  const diff = signal<TreeDiff | undefined>(undefined)
  const problem = signal('')
  let stopper = new AbortController()
  const question = async (a: string, b: string, stop: AbortSignal): Promise<void> => {
    try {
      if (b === '') throw new Refused(400, { error: { code: 'bad_request', message: 'No request is named.' } })
      const good =
        a === '' ? ((await ask(`traces/${encodeURIComponent(b)}/baseline`, {}, stop)) as RequestRow).trace_id : a
      diff.value = (await ask('diff', { a: good, b }, stop)) as TreeDiff
      problem.value = ''
    } catch (error) {
      if (error instanceof Refused) problem.value = error.message
    }
  }
  return {
    diff,
    problem,
    ask() {
      const [a, b] = [param('a'), param('b')]
      void timesBack.value
      stopper.abort()
      stopper = new AbortController()
      const first = takeFirst()
      if (first instanceof Refused) problem.value = first.message
      else if (first === undefined) void question(a, b, stopper.signal)
      else diff.value = first.answer as TreeDiff
    },
    stop: () => stopper.abort(),
  }
}
