/**
 * One record on its way through a logger's streams: three streams of ours stand among them until bunyan has come to the last.
 *
 * The first two are given the line and the record, before any stream of the application is; the last puts the application's list back.
 * None of them calls foreign code, so none stands in a stack of a stream's `write`. A stream that throws leaves ours in the list
 * until the logger's next record; children that are made meanwhile take them over and never write to them.
 */
import { executionAsyncId } from 'node:async_hooks'

import { guardedQuestion } from '../../../diag/guarded.ts'
import type { Printer } from '../printed-lines.ts'
import type { BunyanLogger, BunyanRecord, BunyanStream } from './bunyan-types.ts'

export interface Emission extends Printer {
  readonly logger: BunyanLogger
  /** The application's own. */
  readonly streams: readonly BunyanStream[]
  /** `undefined` where all streams are raw. */
  readonly line: string | undefined
}

/** Hears each record before the application's streams do. MUST NOT throw. */
export type OnRecord = (record: BunyanRecord, emission: Emission) => void

/** The logger is about to write a record to its streams. */
export function beginEmission(logger: BunyanLogger, onRecord: OnRecord): void {
  const outer = tapIn(logger.streams)?.emission
  // Left behind by a stream that threw, or by the parent that this child was made of meanwhile.
  if (outer !== undefined && !outer.isPrinting()) outer.giveBack(logger)
  new StreamTaps(logger).begin(onRecord)
}

class StreamTaps implements Emission {
  readonly logger: BunyanLogger
  readonly streams: readonly BunyanStream[]
  line: string | undefined
  readonly #before: BunyanStream[]
  readonly #asyncId = executionAsyncId()
  #tapped: BunyanStream[] = []
  #length = 0
  #isOver = false

  constructor(logger: BunyanLogger) {
    const { streams } = logger
    this.logger = logger
    this.#before = streams
    // A stream of it may log itself: then its taps are among them.
    this.streams = tapIn(streams) === undefined ? streams : streams.filter((stream) => !(stream instanceof Tap))
  }

  begin(onRecord: OnRecord): void {
    this.#tapped = [new LineTap(this), new RecordTap(this, onRecord), ...this.streams, new EndTap(this)]
    this.#length = this.#tapped.length
    this.logger.streams = this.#tapped
  }

  isPrinting(): boolean {
    return !this.#isOver && this.#asyncId === executionAsyncId()
  }

  end(): void {
    this.#isOver = true
    this.giveBack(this.logger)
  }

  giveBack(logger: BunyanLogger): void {
    if (logger.streams !== this.#tapped) return
    logger.streams = this.#before
    // `addStream` by a stream of the application, meanwhile.
    if (this.#tapped.length > this.#length) this.#before.push(...this.#tapped.splice(this.#length))
  }
}

/** A stream of bunyan's that is its own `stream`. */
abstract class Tap implements BunyanStream {
  readonly emission: StreamTaps
  abstract readonly raw: boolean

  constructor(emission: StreamTaps) {
    this.emission = emission
  }

  get level(): number {
    return Number.NEGATIVE_INFINITY
  }

  get stream(): BunyanStream['stream'] {
    return this
  }

  write(_written: unknown): void {}
}

class LineTap extends Tap {
  readonly raw = false

  override write(line: unknown): void {
    if (typeof line === 'string') this.emission.line = line
  }
}

class RecordTap extends Tap {
  readonly raw = true
  readonly #onRecord: OnRecord

  constructor(emission: StreamTaps, onRecord: OnRecord) {
    super(emission)
    this.#onRecord = onRecord
  }

  override write(record: unknown): void {
    this.#onRecord(record as BunyanRecord, this.emission)
  }
}

const end = guardedQuestion('bunyan', (emission: StreamTaps) => emission.end())

class EndTap extends Tap {
  readonly raw = true

  /** Asked of each stream in its turn. */
  override get level(): number {
    end(this.emission)
    return Number.POSITIVE_INFINITY
  }
}

function tapIn([first]: readonly BunyanStream[]): Tap | undefined {
  return first instanceof Tap ? first : undefined
}
