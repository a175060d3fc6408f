/**
 * Where batches wait until each lane that wants them has answered: what a stage must do.
 *
 * A batch is held once, whatever the number of its lanes. What a lane has taken is counted in, but never pushed out.
 */
import type { EncodedBatch } from '../model/encoded-batch.ts'
import type { SentSignal } from '../model/signal.ts'
import type { Removed } from './batch-parts.ts'

/** A lane's place in a stage. */
export interface Seat {
  readonly signal: SentSignal
  /** One bit, of its own among the lanes of the signal. */
  readonly bit: number
}

/** A batch of the stage. What a lane has taken does not change until the lane gives it back. */
export interface HeldBatch {
  readonly batch: EncodedBatch
}

/** Records that had to go. */
export interface PushedOut {
  readonly signal: SentSignal
  /** The bits of the lanes that have lost them. */
  readonly lanes: number
  readonly removed: Removed
}

export interface Stage {
  /** Of all that is held. */
  readonly bytes: number
  /** How many batches have been offered; each has the number before as its arrival. */
  readonly arrivals: number
  /** Holds a batch for all lanes of its signal. @returns what had to make room: the lowest ranks, of each the oldest */
  offer(batch: EncodedBatch): readonly PushedOut[]
  /** Whether `take` would give a batch. */
  hasWaiting(seat: Seat): boolean
  /** The oldest batch that the lane wants; `undefined` when there is none. */
  take(seat: Seat): HeldBatch | undefined
  /** It could not be sent: first in line again. */
  putBack(seat: Seat, held: HeldBatch): void
  /** It was too large: its halves are first in line. False for a single record. */
  split(seat: Seat, held: HeldBatch): boolean
  /** The lane has an answer for it, whatever it is. MUST be called once for each batch that was taken and not put back or split. */
  settle(seat: Seat, held: HeldBatch): void
  /** Empties the stage; nothing is taken. @returns what is lost */
  dropAll(): readonly PushedOut[]
  /** Records of the application that the lane has no answer for. */
  count(seat: Seat): number
  /** The arrival of the oldest batch that the lane has no answer for; `undefined` when there is none. */
  oldestArrival(seat: Seat): number | undefined
  /** When the oldest of them was accepted, by performance.now. */
  oldestSinceMillis(seat: Seat): number | undefined
}
