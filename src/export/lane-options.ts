/**
 * What a lane needs of those around it: where its batches come from, wait and go.
 */
import type { EncodedBatch } from '../model/encoded-batch.ts'
import type { SentSignal } from '../model/signal.ts'
import type { DropLedger } from './drop-ledger.ts'
import type { LaneSpec } from './lane-spec.ts'
import type { Stage } from './stage.ts'
import type { SentBatch } from './worker/protocol.ts'

/** How a batch gets to the code that sends it, wherever that runs. */
export interface LaneLink {
  /** False while the worker is being started anew. */
  isReady(): boolean
  post(sent: SentBatch): void
}

/** Where records are added to batches. */
export interface LaneSource {
  /** Records of the application in the batch begun. */
  openCount(signal: SentSignal): number
  /** When the first of them came, by performance.now; `undefined` when there is none. */
  openSinceMillis(signal: SentSignal): number | undefined
  /** Whether a batch is begun that has waited long enough. */
  isRipe(signal: SentSignal): boolean
  /** Adds nothing more to the batch begun. */
  close(signal: SentSignal): void
  /** Later batches are to be no larger than this. Bytes. */
  limit(bytes: number): void
}

/** What was written ahead of its batch. */
export interface LaneAhead {
  /** Whether all records of a batch are on disk. */
  holds(batch: EncodedBatch): boolean
  /** They have an outcome. */
  settle(batch: EncodedBatch): void
}

export interface LaneOptions {
  readonly spec: LaneSpec
  readonly isPrimary: boolean
  readonly bit: number
  readonly stage: Stage
  readonly source: LaneSource
  readonly link: LaneLink
  readonly ledger: DropLedger
  /** Records that are on disk before their batch is. */
  readonly ahead: LaneAhead | undefined
  /** Called when `pump` is worth calling again, after this long. Milliseconds. */
  readonly onWait: (millis: number) => void
  /** A batch has been delivered. */
  readonly onDelivered: () => void
}
