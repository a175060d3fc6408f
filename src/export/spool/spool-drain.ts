/**
 * Sends what is on disk, one signal of it: the oldest segment first, behind whatever is sent from memory.
 *
 * One request at a time until the destination answers, then up to four together with those from memory. A destination that does not
 * answer is asked again after a growing pause, three seconds at most: so new records leave soon after it is back.
 */
import { monotonicMillis } from '../../diag/clock.ts'
import { startTimer, stopTimer } from '../../diag/timers.ts'
import type { Signal } from '../../model/signal.ts'
import type { FinalAnswer } from '../lane-outcome.ts'
import type { Answer } from '../transports/answer.ts'
import { delayMillis } from '../transports/retry-policy.ts'
import { MAX_IN_FLIGHT } from '../transports/transport.ts'
import type { EntryHead } from './spool-format.ts'
import { jobsOf, splitJob, type SpoolJob } from './spool-job.ts'
import type { SpoolSegment } from './spool-segment.ts'
import type { SpoolStore } from './spool-store.ts'

/** Between two questions to a destination that does not answer. Milliseconds. */
const MAX_PAUSE_MILLIS = 3_000

export interface SpoolDrainOptions {
  readonly signal: Signal
  readonly store: SpoolStore
  /** One try. Never rejects. */
  readonly send: (bytes: Uint8Array<ArrayBuffer>) => Promise<Answer>
  /** Requests from memory that are under way. */
  readonly liveCount: () => number
  /** These are no longer spooled. */
  readonly onAnswered: (records: EntryHead, answer: FinalAnswer) => void
  /** The destination answers again. */
  readonly onUp: () => void
}

export class SpoolDrain {
  readonly #options: SpoolDrainOptions
  #state: 'unknown' | 'up' | 'down' = 'unknown'
  #failures = 0
  #notBeforeMillis = -Infinity
  #inFlight = 0
  #segment: SpoolSegment | undefined
  #jobs: SpoolJob[] = []
  #isLoading = false
  #isStopped = false
  #timer: NodeJS.Timeout | undefined

  constructor(options: SpoolDrainOptions) {
    this.#options = options
  }

  /** What a destination said to a request from memory. */
  noteLive(answer: Answer): void {
    this.#note(answer)
    this.pump()
  }

  /** Sends whatever may travel. */
  pump(): void {
    while (this.#maySend()) {
      // It had to make room for newer ones.
      if (this.#segment?.isGone === true) this.#jobs = []
      const job = this.#jobs.shift()
      if (job === undefined) {
        void this.#load()
        return
      }
      void this.#send(job)
    }
  }

  /** Sends nothing for a while: the process is about to end. */
  rest(millis: number): void {
    this.#notBeforeMillis = Math.max(this.#notBeforeMillis, monotonicMillis() + millis)
  }

  stop(): void {
    this.#isStopped = true
    if (this.#timer !== undefined) stopTimer(this.#timer)
  }

  #maySend(): boolean {
    if (this.#isStopped || this.#isLoading) return false
    const limit = this.#state === 'up' ? MAX_IN_FLIGHT : 1
    if (this.#inFlight + this.#options.liveCount() >= limit) return false
    const wait = this.#notBeforeMillis - monotonicMillis()
    if (wait > 0) this.#pumpAfter(wait)
    return wait <= 0
  }

  #pumpAfter(millis: number): void {
    if (this.#timer !== undefined) return
    this.#timer = startTimer(() => {
      this.#timer = undefined
      this.pump()
    }, millis)
    this.#timer.unref()
  }

  /** The next segment, when the one before has been sent whole. */
  async #load(): Promise<void> {
    if (this.#inFlight > 0) return
    this.#isLoading = true
    try {
      this.#segment = await this.#options.store.oldestUnsent(this.#options.signal)
      if (this.#segment === undefined) return
      this.#jobs = jobsOf(await this.#options.store.read(this.#segment))
    } catch {
      // The disk refused to be read: the segment stays, and is tried again.
      this.#segment = undefined
      this.#notBeforeMillis = monotonicMillis() + MAX_PAUSE_MILLIS
    } finally {
      this.#isLoading = false
    }
    if (this.#segment !== undefined || this.#notBeforeMillis > monotonicMillis()) this.pump()
  }

  async #send(job: SpoolJob): Promise<void> {
    const segment = this.#segment
    this.#inFlight++
    if (segment !== undefined) segment.isBusy = true
    const answer = await this.#options.send(job.bytes())
    this.#inFlight--
    if (segment !== undefined) segment.isBusy = this.#inFlight > 0
    this.#note(answer)
    if (answer.kind === 'unreachable') this.#jobs.unshift(job)
    else this.#settle(job, answer)
    this.pump()
  }

  #settle(job: SpoolJob, answer: FinalAnswer): void {
    if (answer.kind === 'too_large') {
      const halves = splitJob(job)
      if (halves !== undefined) {
        this.#jobs.unshift(...halves)
        return
      }
    }
    this.#options.onAnswered(job.records, answer)
    if (!job.isLast() || this.#segment === undefined) return
    const isSent = answer.kind === 'delivered' || answer.kind === 'partial'
    void this.#options.store.end(this.#segment, job.ids, isSent ? 'answered' : 'dropped')
  }

  #note(answer: Answer): void {
    if (answer.kind === 'unreachable') {
      this.#state = 'down'
      const pause = answer.retryAfterMillis ?? Math.min(delayMillis(++this.#failures, Math.random()), MAX_PAUSE_MILLIS)
      this.#notBeforeMillis = monotonicMillis() + pause
      return
    }
    const wasDown = this.#state === 'down'
    this.#state = 'up'
    this.#failures = 0
    this.#notBeforeMillis = -Infinity
    if (wasDown) this.#options.onUp()
  }
}
