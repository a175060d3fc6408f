/**
 * How far requests have come: which of each signal are wholly in the file, and up to which number the journal may forget.
 *
 * Pure. A request is pending from the moment it is appended until all of its rows are committed (or it turned out to have none).
 */
import type { RolledPosition } from './schema.ts'
import type { Signal } from '../../model/signal.ts'

interface SignalProgress {
  /** Where the file stood at the start: what to skip of a replayed journal. */
  readonly start: RolledPosition
  /** The last request that was read to its end. */
  read: number
  /** A request read in part. */
  partialSequence: number
  partialRows: number
  /** The number that the file holds. */
  saved: number
  /** Requests read, or being read, that have rows in no committed roll: numbers, oldest first. */
  readonly uncommitted: number[]
}

export class Progress {
  readonly #signals: Readonly<Record<Signal, SignalProgress>>
  /** Appended and not read to the end, oldest first, both signals. */
  readonly #waiting: number[] = []
  #highest: number

  constructor(positions: Readonly<Record<Signal, RolledPosition>>) {
    this.#signals = { logs: begin(positions.logs), spans: begin(positions.spans) }
    this.#highest = 0
    this.lastSequence = Math.max(
      ...[positions.logs, positions.spans].map((p) => Math.max(p.sequence, p.partialSequence)),
    )
    // A signal that lags (or never rolled) may miss any request after its own position.
    this.startSequence = Math.min(positions.logs.sequence, positions.spans.sequence)
  }

  /** The highest number the file knows. */
  readonly lastSequence: number
  /** Up to here nothing can be missing from the file, whatever the journal still holds. */
  readonly startSequence: number

  appended(sequence: number): void {
    this.#waiting.push(sequence)
    this.#highest = Math.max(this.#highest, sequence)
  }

  /** Rows to skip at the beginning of this request; undefined: all of it, it is in the file. */
  rowsToSkip(signal: Signal, sequence: number): number | undefined {
    const { start } = this.#signals[signal]
    if (sequence <= start.sequence) return undefined
    return sequence === start.partialSequence ? start.partialRows : 0
  }

  /** Rows of the request were read: it has some in the hot table now. `rows` counts from its first row. */
  readRows(signal: Signal, sequence: number, rows: number): void {
    const progress = this.#signals[signal]
    progress.partialSequence = sequence
    progress.partialRows = rows
    if (progress.uncommitted.at(-1) !== sequence) progress.uncommitted.push(sequence)
  }

  /** The request was read to its end (or skipped). */
  finished(signal: Signal, sequence: number): void {
    const progress = this.#signals[signal]
    progress.read = Math.max(progress.read, sequence)
    progress.partialSequence = 0
    progress.partialRows = 0
    this.#waiting.splice(this.#waiting.indexOf(sequence), 1)
  }

  /** What a roll that begins now will have committed. */
  reached(signal: Signal): Omit<RolledPosition, 'nextRow'> {
    const { read, partialSequence, partialRows } = this.#signals[signal]
    // Requests of the other signal count too, as far as none of this one is still waiting before them.
    const sequence = this.#waiting.length === 0 && partialSequence === 0 ? Math.max(read, this.#highest) : read
    return { sequence, partialSequence, partialRows }
  }

  /** Whether the file would learn something from a roll, be it without rows. */
  hasMoved(signal: Signal): boolean {
    return this.#highest > this.#signals[signal].saved
  }

  /** A roll is in the file. */
  committed(signal: Signal, position: RolledPosition): void {
    const { uncommitted } = this.#signals[signal]
    this.#signals[signal].saved = position.sequence
    while (uncommitted.length > 0 && (uncommitted[0] as number) <= position.sequence) uncommitted.shift()
  }

  /** Every appended request up to this number is in the file. */
  committedSequence(): number {
    const first = Math.min(
      this.#signals.logs.uncommitted[0] ?? Infinity,
      this.#signals.spans.uncommitted[0] ?? Infinity,
      this.#waiting[0] ?? Infinity,
    )
    return first === Infinity ? Math.max(this.#highest, this.startSequence) : first - 1
  }
}

function begin(start: RolledPosition): SignalProgress {
  const { sequence, partialSequence, partialRows } = start
  return { start, read: sequence, partialSequence, partialRows, saved: sequence, uncommitted: [] }
}
