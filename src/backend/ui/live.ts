/**
 * The tail as the page hears it: resumed where it was when the connection broke, when the tab was hidden, when there was no turn for it.
 *
 * A hidden tab holds no connection, and of those that are seen only some do (tail-turns.ts): the others ask now and then.
 */
import { type ReadonlySignal, signal } from '@preact/signals'

import { isNowGone } from './api.ts'
import { type GiveBack, takeTurn } from './tail-turns.ts'

const FIRST_WAIT = 1_000
const LONGEST_WAIT = 10_000
/** Between two questions of a tab that has no turn. Milliseconds. */
const NO_TURN_MILLIS = 2_000

export interface Heard {
  /** Events by name, with their data. */
  readonly on: Readonly<Record<string, (data: unknown) => void>>
  /**
   * The stream was away: what was said meanwhile may be missing.
   *
   * @param isTold  the records of the time between come by the stream itself, as `log` and `gap`; requests never do
   */
  readonly resumed: (isTold: boolean) => void
}

const listening = signal(false)

/** True while what comes is heard of. */
export const isListening: ReadonlySignal<boolean> = listening

/** Listens until the returned function is called. */
export function listen(query: string, heard: Heard): () => void {
  const tail = new Tail(query, heard)
  return () => tail.stop()
}

class Tail {
  readonly #query: string
  readonly #heard: Heard
  #source: EventSource | undefined
  #timer: ReturnType<typeof setTimeout> | undefined
  #wait = FIRST_WAIT
  /** Where to resume: everything up to there was heard. */
  #reached = ''
  #wasAway = false
  #isStopped = false
  #isTaking = false
  #giveBack: GiveBack | undefined

  constructor(query: string, heard: Heard) {
    this.#query = query
    this.#heard = heard
    // A tab that was opened behind another one is looked at later.
    this.#wasAway = document.hidden
    document.addEventListener('visibilitychange', this.#seen)
    this.#seen()
  }

  stop(): void {
    this.#isStopped = true
    document.removeEventListener('visibilitychange', this.#seen)
    this.#leave()
  }

  readonly #seen = (): void => {
    if (document.hidden) this.#leave()
    else void this.#come()
  }

  /** Lets the connection go. */
  #leave(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#wasAway = true
    this.#source?.close()
    this.#source = undefined
    this.#giveBack?.()
    this.#giveBack = undefined
    listening.value = false
  }

  async #come(): Promise<void> {
    if (this.#isTaking || this.#source !== undefined) return
    this.#isTaking = true
    const giveBack = this.#giveBack ?? (await takeTurn())
    this.#isTaking = false
    if (this.#isStopped || document.hidden) return giveBack?.()
    this.#giveBack = giveBack
    if (giveBack !== undefined) return this.#open()
    // It hears of what comes, only later.
    listening.value = true
    if (this.#wasAway) this.#heard.resumed(false)
    this.#wasAway = true
    this.#timer = setTimeout(() => void this.#come(), NO_TURN_MILLIS)
  }

  #open(): void {
    const params = new URLSearchParams()
    if (this.#query !== '') params.set('q', this.#query)
    if (this.#reached !== '') params.set('after', this.#reached)
    const source = new EventSource(`/api/v1/tail?${params.toString()}`)
    this.#source = source
    const note = ({ lastEventId }: MessageEvent): void => {
      if (lastEventId !== '') this.#reached = lastEventId
    }
    // The stream has an event of this name too: it tells where to resume.
    source.addEventListener('open', (event) => (event instanceof MessageEvent ? note(event) : this.#opened()))
    for (const [name, handle] of Object.entries(this.#heard.on)) {
      source.addEventListener(name, (event: MessageEvent<string>) => {
        note(event)
        handle(JSON.parse(event.data))
      })
    }
    source.addEventListener('error', () => this.#broke(source))
  }

  #opened(): void {
    listening.value = true
    this.#wait = FIRST_WAIT
    if (this.#wasAway) this.#heard.resumed(this.#reached !== '')
    this.#wasAway = false
  }

  #broke(source: EventSource): void {
    if (this.#source !== source) return
    listening.value = false
    this.#wasAway = true
    isNowGone()
    // The browser comes back by itself, but not after an answer that is no stream.
    if (source.readyState !== EventSource.CLOSED) return
    this.#source = undefined
    this.#timer = setTimeout(() => void this.#come(), this.#wait)
    this.#wait = Math.min(LONGEST_WAIT, this.#wait * 2)
  }
}
