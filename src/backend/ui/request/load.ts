/**
 * The trace of one request: the answer that came with the page, then asked again while it grows.
 */
import { type ReadonlySignal, signal } from '@preact/signals'

import type { TraceTree } from '../../../model/api.ts'
import { ask, Refused, takeFirst, timesBack } from '../api.ts'
import { listen } from '../live.ts'
import { type RequestModel, requestModel } from './model.ts'

/** Between two questions at least, while records of the trace come. Milliseconds. */
const PAUSE = 500
/** A span tells its end to no tail: one that still runs is asked for again. Milliseconds. */
const AGAIN = 2_000

export interface LoadedRequest {
  readonly model: ReadonlySignal<RequestModel | undefined>
  /** Why there is none. */
  readonly problem: ReadonlySignal<string>
  /** Asks again. */
  ask(): void
  follow(wants: boolean): void
  stop(): void
}

export function loadRequest(id: string): LoadedRequest {
  const model = signal<RequestModel | undefined>(undefined)
  const problem = signal('')
  const stopper = new AbortController()
  let stopListening: (() => void) | undefined
  let timer: ReturnType<typeof setTimeout> | undefined
  let isAsking = false

  const take = (tree: TraceTree): void => {
    problem.value = ''
    if (!isSame(model.peek()?.tree, tree)) model.value = requestModel(tree)
    if (tree.rows.some(({ unfinished }) => unfinished === true)) soon(AGAIN)
  }
  const question = async (): Promise<void> => {
    if (isAsking) return soon(PAUSE)
    isAsking = true
    try {
      take((await ask(`traces/${encodeURIComponent(id)}`, {}, stopper.signal)) as TraceTree)
    } catch (error) {
      if (error instanceof Refused) problem.value = error.message
    } finally {
      isAsking = false
    }
  }
  const soon = (pause: number): void => {
    if (isFollowing && !stopper.signal.aborted) {
      timer ??= setTimeout(() => {
        timer = undefined
        void question()
      }, pause)
    }
  }
  let isFollowing = true
  const again = (): void => soon(PAUSE)
  return {
    model,
    problem,
    ask() {
      void timesBack.value
      const first = takeFirst()
      if (first instanceof Refused) problem.value = first.message
      else if (first === undefined) void question()
      else take(first.answer as TraceTree)
    },
    follow(wants) {
      isFollowing = wants
      stopListening?.()
      stopListening = undefined
      if (!wants) return
      stopListening = listen(`trace:${id}`, { on: { log: again, request: again }, resumed: again })
    },
    stop() {
      clearTimeout(timer)
      stopper.abort()
      stopListening?.()
    },
  }
}

/** Whether the trace has not grown: then nothing is made anew. */
function isSame(a: TraceTree | undefined, b: TraceTree): boolean {
  if (a === undefined || a.rows.length !== b.rows.length || a.sentence !== b.sentence) return false
  return JSON.stringify(a.rows.map(stateOf)) === JSON.stringify(b.rows.map(stateOf))
}

function stateOf({ at_ms: at, took_ms: took, message }: TraceTree['rows'][number]): unknown[] {
  return [at, took, message]
}
