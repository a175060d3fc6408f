/**
 * What all lanes have in common: whose they are, their numbers, and how they stand.
 */
import type { SentSignal } from '../model/signal.ts'
import type { LaneState } from './lane-health.ts'
import type { LaneCounts } from './lane-counts.ts'

export interface LaneView {
  readonly signal: SentSignal
  readonly name: string
  /** How messages call its destination. */
  readonly label: string
  readonly isPrimary: boolean
  readonly counts: LaneCounts
  readonly state: LaneState
  /** Records of the application, waiting and under way. Counted where they are, not derived, so that a lost one shows. */
  queued(): number
  /** When the oldest of them was accepted, by performance.now; `undefined` when there is none. */
  oldestSinceMillis(): number | undefined
}
