/**
 * What became of every record, in numbers: emitted = delivered + spooled + queued + sum(dropped), at every moment.
 */
import type { Signal } from '../model/signal.ts'

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

/** Records since the start. */
export interface SignalStats {
  /** Accepted. */
  readonly emitted: number
  /** Taken by the endpoint, or written where there is none. */
  readonly delivered: number
  /** On disk, to be sent later. */
  readonly spooled: number
  /** In memory, waiting or under way. */
  readonly queued: number
  readonly dropped: Readonly<Record<DropReason, number>>
}

export interface PipelineStats {
  readonly logs: SignalStats
  readonly spans: SignalStats
  readonly queueBytes: number
  readonly spoolBytes: number
  /** Age of the oldest record that is not answered for. Milliseconds. */
  readonly oldestUnsentMillis: number | null
  /** Whether the endpoint answered the last request; `unknown` before the first. */
  readonly endpoint: 'up' | 'down' | 'unknown'
}

/** The counts behind one signal's stats. */
export class SignalCounts {
  emitted = 0
  delivered = 0
  readonly dropped: Record<DropReason, number> = noDrops()

  /** @param queued  counted where the records are, not derived, so that a lost one shows */
  stats(queued: number): SignalStats {
    const { emitted, delivered } = this
    return { emitted, delivered, spooled: 0, queued, dropped: { ...this.dropped } }
  }
}

export type Counts = Readonly<Record<Signal, SignalCounts>>

/** The stats of a pipeline that has seen nothing. */
export function emptyStats(): PipelineStats {
  return {
    logs: new SignalCounts().stats(0),
    spans: new SignalCounts().stats(0),
    queueBytes: 0,
    spoolBytes: 0,
    oldestUnsentMillis: null,
    endpoint: 'unknown',
  }
}

function noDrops(): Record<DropReason, number> {
  return Object.fromEntries(DROP_REASONS.map((reason) => [reason, 0])) as Record<DropReason, number>
}
