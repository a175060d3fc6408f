/**
 * The tail as the page hears it: asked again with a growing pause when it ends, resumed by the browser where it was.
 */
import { type ReadonlySignal, signal } from '@preact/signals'

import { isNowGone } from './api.ts'

const FIRST_WAIT = 1_000
const LONGEST_WAIT = 10_000

export interface Heard {
  /** Events by name, with their data. */
  readonly on: Readonly<Record<string, (data: unknown) => void>>
  /** The stream was broken and is there again: what was said meanwhile may be missing. */
  readonly resumed: () => void
}

const listening = signal(false)

/** True while a tail is open. */
export const isListening: ReadonlySignal<boolean> = listening

/** Listens until the returned function is called. */
export function listen(query: string, { on, resumed }: Heard): () => void {
  let source: EventSource | undefined
  let timer: ReturnType<typeof setTimeout> | undefined
  let wait = FIRST_WAIT
  let wasBroken = false
  const open = () => {
    source = new EventSource(`/api/v1/tail${query === '' ? '' : `?q=${encodeURIComponent(query)}`}`)
    for (const [name, handle] of Object.entries(on)) {
      source.addEventListener(name, (event: MessageEvent<string>) => handle(JSON.parse(event.data)))
    }
    source.addEventListener('open', () => {
      listening.value = true
      wait = FIRST_WAIT
      if (wasBroken) resumed()
      wasBroken = false
    })
    source.addEventListener('error', () => {
      listening.value = false
      wasBroken = true
      isNowGone()
      // The browser comes back by itself, but not after an answer that is no stream.
      if (source?.readyState !== EventSource.CLOSED) return
      timer = setTimeout(open, wait)
      wait = Math.min(LONGEST_WAIT, wait * 2)
    })
  }
  open()
  return () => {
    clearTimeout(timer)
    source?.close()
    listening.value = false
  }
}
