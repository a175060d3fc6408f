/**
 * What the spool tells the application's thread beside the outcome of each batch, so that every record stays counted.
 *
 * `lane` is the key of the lane whose records they are.
 */
import type { FinalAnswer } from '../lane-outcome.ts'
import type { EntryHead } from './spool-format.ts'
import type { SpoolLoss } from './spool-store.ts'

export type SpoolNews =
  /** Records that another process had left are on disk for us now. */
  | { readonly kind: 'adopted'; readonly lane: string; readonly count: number }
  /** Records on disk have an answer. */
  | { readonly kind: 'answered'; readonly lane: string; readonly records: EntryHead; readonly answer: FinalAnswer }
  /** Records on disk are lost for good. */
  | { readonly kind: 'lost'; readonly lane: string; readonly loss: SpoolLoss }
  /** The destination answers again. */
  | { readonly kind: 'up'; readonly lane: string }
  /** How much is on disk. */
  | { readonly kind: 'bytes'; readonly bytes: number }
