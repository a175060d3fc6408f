/**
 * What the journal feeds, once bytes are safe: the interface that start.ts fills with the store.
 */
import type { Signal } from '../../model/signal.ts'

/** One journaled request. */
export interface JournaledRequest {
  /** Rising, not without gaps. */
  readonly sequence: number
  readonly signal: Signal
  /** The sink takes them over. */
  readonly bytes: Uint8Array
  readonly receivedUnixNano: bigint
}

/** Implementations MUST NOT throw from `append`, and MUST skip what they already hold for good. */
export interface JournalSink {
  /** Called in rising order of sequence. */
  append(request: JournaledRequest): void
  /** Resolves when there is room for one more request. Never rejects. */
  room(): Promise<void>
  /** Commits what was appended although it is little: the journal has grown too large. */
  roll(): Promise<void>
}
