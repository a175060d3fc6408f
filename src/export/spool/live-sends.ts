/**
 * Batches sent from memory, with the spool behind them: what is not answered soon is written to disk as well, and what nobody answers
 * stays there.
 *
 * 45 ms after a batch was posted it is on its way to the disk, so that a kill -9 costs nothing that is older than 100 ms. With a
 * destination that answers at once nothing is written at all.
 */
import { startTimer, stopTimer } from '../../diag/timers.ts'
import { recordsIn, requestOf } from '../../model/encoded-batch.ts'
import type { Signal } from '../../model/signal.ts'
import { NOT_YET } from '../transports/answer.ts'
import type { Outcome, SentBatch } from '../worker/protocol.ts'
import type { EntryHead } from './spool-format.ts'
import type { SpoolStore } from './spool-store.ts'

/** From the post of a batch to its way to the disk. Milliseconds. Source: spec, pipeline. */
const AGE_MILLIS = 45
/** How long the end of the process, or a flush, waits for an answer before the disk will do. Milliseconds. */
const PATIENCE_MILLIS = 150

export interface LiveSendsOptions {
  readonly store: SpoolStore
  /** One try. Never rejects. */
  readonly sendOnce: (sent: SentBatch<Signal>) => Promise<Outcome>
  /** What the destination said to a batch that somebody waits for. */
  readonly onAnswer: (signal: Signal, outcome: Outcome) => void
  /** What it said to one that had been left to the spool by then. `isGone`: it is not on disk any more. */
  readonly onLateAnswer: (records: EntryHead, outcome: Outcome, isGone: boolean) => void
  /** The spool has one more to send. */
  readonly onLeft: (signal: Signal) => void
}

/** One batch under way. */
interface Flight {
  readonly sent: SentBatch<Signal>
  readonly signal: Signal
  /** Resolves false when the disk refused. */
  written: Promise<boolean> | undefined
  /** It has waited long enough. */
  readonly hasWaited: Promise<undefined>
  readonly giveUp: () => void
}

export class LiveSends {
  readonly #options: LiveSendsOptions
  readonly #flights = new Set<Flight>()
  readonly #counts: Record<Signal, number> = { logs: 0, spans: 0 }
  #isEnding = false
  #isStopped = false

  constructor(options: LiveSendsOptions) {
    this.#options = options
  }

  /** Requests under way. */
  count(signal: Signal): number {
    return this.#counts[signal]
  }

  /** The process ends: nobody is waited for beyond the patience. */
  end(): void {
    this.#isEnding = true
    this.#options.store.isEnding = true
    this.hurry()
  }

  /** The end did not come. */
  goOn(): void {
    this.#isEnding = false
    this.#options.store.isEnding = false
  }

  /** Whoever handed over the batches has them back: what is under way is not written any more. */
  stop(): void {
    this.#isStopped = true
  }

  /** Somebody waits: what is under way now is left to the spool, if no answer comes soon. */
  hurry(): void {
    for (const flight of this.#flights) after(PATIENCE_MILLIS, flight.giveUp)
  }

  /** Straight to the disk. */
  async keep(sent: SentBatch<Signal>): Promise<Outcome> {
    const { id, lane } = sent
    if ((await this.#write(sent)) && this.#leave(sent)) return { id, lane, kind: 'spooled' }
    return { id, lane, kind: 'unreachable', reason: 'the disk refused' }
  }

  async send(sent: SentBatch<Signal>): Promise<Outcome> {
    const flight = newFlight(sent)
    const { signal } = flight
    this.#flights.add(flight)
    this.#counts[signal]++
    // A destination that is known not to answer is not waited for; what was written ahead is on disk already.
    if (sent.isProbe) flight.written = this.#write(sent)
    const timer = sent.isOnDisk ? undefined : after(AGE_MILLIS, () => void (flight.written ??= this.#write(sent)))
    const patience = this.#isEnding ? after(PATIENCE_MILLIS, flight.giveUp) : undefined
    const answered = this.#options.sendOnce(sent).finally(() => this.#counts[signal]--)
    const first = await Promise.race([answered, flight.hasWaited])
    if (timer !== undefined) stopTimer(timer)
    if (patience !== undefined) stopTimer(patience)
    this.#flights.delete(flight)
    return first === undefined ? this.#leaveUnanswered(flight, answered) : this.#answered(flight, first)
  }

  async #answered({ sent, signal, written }: Flight, outcome: Outcome): Promise<Outcome> {
    this.#options.onAnswer(signal, outcome)
    if (outcome.kind === 'unreachable') {
      const isKept = await (written ?? this.#write(sent))
      return isKept && this.#leave(sent) ? { ...outcome, kind: 'spooled' } : outcome
    }
    if (written !== undefined) {
      const ended = written.then(() => this.#options.store.endHeld({ id: sent.id, signal }))
      // What is left behind at the end would be looked through by the next process.
      if (this.#isEnding) await ended
    }
    return outcome
  }

  /** It is under way still: sent from the disk only if this fails. */
  async #leaveUnanswered(flight: Flight, answered: Promise<Outcome>): Promise<Outcome> {
    const { sent } = flight
    if (!(await (flight.written ??= this.#write(sent)))) return this.#answered(flight, await answered)
    void answered.then((outcome) => this.#answeredLate(sent, outcome))
    const { id, lane } = sent
    // At the end the others of the lane are not sent at all; a flush says nothing about the destination.
    return this.#isEnding ? { id, lane, kind: 'spooled', reason: NOT_YET } : { id, lane, kind: 'spooled' }
  }

  async #answeredLate(sent: SentBatch<Signal>, outcome: Outcome): Promise<void> {
    const records = recordsOf(sent)
    const isUnanswered = outcome.kind === 'unreachable'
    const isGone = isUnanswered && !this.#leave(sent)
    this.#options.onLateAnswer(records, outcome, isGone)
    if (!isUnanswered) await this.#options.store.endHeld({ id: sent.id, signal: records.signal })
  }

  #write(sent: SentBatch<Signal>): Promise<boolean> {
    if (this.#isStopped) return Promise.resolve(false)
    const entry = { id: sent.id, ...recordsOf(sent), bytes: requestOf(sent.batch) }
    return this.#options.store.write(entry).then(
      () => true,
      () => false,
    )
  }

  /** From now on it is sent from the disk. False: it is not there any more. */
  #leave({ id, batch: { signal } }: SentBatch<Signal>): boolean {
    const isOnDisk = this.#options.store.release({ id, signal })
    if (isOnDisk) this.#options.onLeft(signal)
    return isOnDisk
  }
}

function newFlight(sent: SentBatch<Signal>): Flight {
  const { promise, resolve } = Promise.withResolvers<undefined>()
  return { sent, signal: sent.batch.signal, written: undefined, hasWaited: promise, giveUp: () => resolve(undefined) }
}

function recordsOf({ batch }: SentBatch<Signal>): EntryHead {
  const { signal, seqs } = batch
  return { signal, count: recordsIn(batch), firstSeq: seqs[0] ?? 0, lastSeq: seqs.at(-1) ?? 0 }
}

function after(millis: number, run: () => void): NodeJS.Timeout {
  const timer = startTimer(run, millis)
  timer.unref()
  return timer
}
