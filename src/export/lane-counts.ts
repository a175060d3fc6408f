/**
 * Why a record can be lost, and the numbers that each lane keeps.
 */

/** Why a record was lost for good. A closed list: dashboards and rules use these words. */
const DROP_REASONS = [
  'queue_full',
  'spool_full',
  'rejected',
  'too_large',
  'expired',
  'corrupt',
  'no_destination',
  'process_end',
] as const

export type DropReason = (typeof DROP_REASONS)[number]

/** The counts behind one lane's stats. */
export class LaneCounts {
  delivered = 0
  /** On disk, to be sent later. */
  spooled = 0
  /** Of other processes, taken over from disk. */
  adopted = 0
  readonly dropped: Record<DropReason, number> = noDrops()
}

export function noDrops(): Record<DropReason, number> {
  return Object.fromEntries(DROP_REASONS.map((reason) => [reason, 0])) as Record<DropReason, number>
}
