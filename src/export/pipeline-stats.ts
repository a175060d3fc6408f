/**
 * What became of every record, in numbers: emitted + adopted = delivered + spooled + queued + sum(dropped), at every moment.
 */
import { monotonicMillis } from '../diag/clock.ts'
import type { SentSignal } from '../model/signal.ts'
import { noDrops, type DropReason } from './lane-counts.ts'
import type { LaneState } from './lane-health.ts'
import type { LaneView } from './lane-view.ts'

/** Records since the start. */
export interface SignalStats {
  /** Accepted. */
  readonly emitted: number
  /** Left on disk by processes that are gone, and taken over by this one. */
  readonly adopted: number
  /** Taken by the endpoint, or written where there is none. */
  readonly delivered: number
  /** On disk, to be sent later. */
  readonly spooled: number
  /** In memory, waiting or under way. */
  readonly queued: number
  readonly dropped: Readonly<Record<DropReason, number>>
}

/** The numbers of one signal on its way to one destination. */
export interface LaneStats extends SignalStats {
  readonly signal: SentSignal
  /** `otlp`, `file`, `console` or the name of an exporter. */
  readonly lane: string
  /** Its numbers are those of the signal. */
  readonly isPrimary: boolean
  readonly endpoint: LaneState
  /** Age of the oldest record that is not answered for. Milliseconds. */
  readonly oldestUnsentMillis: number | null
}

export interface PipelineStats {
  /** Of the primary lane. */
  readonly logs: SignalStats
  readonly spans: SignalStats
  readonly lanes: readonly LaneStats[]
  readonly queueBytes: number
  readonly spoolBytes: number
  /** Age of the oldest record that is not answered for, in the primary lanes. Milliseconds. */
  readonly oldestUnsentMillis: number | null
  /** Whether the endpoint answered the last request; `unknown` before the first. */
  readonly endpoint: LaneState
}

/** @param emitted  records that the lane was given */
export function laneStats(lane: LaneView, emitted: number): LaneStats {
  const { signal, name, isPrimary, state, counts } = lane
  const since = lane.oldestSinceMillis()
  return {
    signal,
    lane: name,
    isPrimary,
    endpoint: state,
    emitted,
    adopted: counts.adopted,
    delivered: counts.delivered,
    spooled: counts.spooled,
    queued: lane.queued(),
    dropped: { ...counts.dropped },
    oldestUnsentMillis: since === undefined ? null : monotonicMillis() - since,
  }
}

/** The stats of a signal: those of its primary lane, without what only lanes have. */
export function signalStats(signal: SentSignal, lanes: readonly LaneStats[]): SignalStats {
  const primary = lanes.find((lane) => lane.signal === signal && lane.isPrimary)
  if (primary === undefined) return noStats()
  const { emitted, adopted, delivered, spooled, queued, dropped } = primary
  return { emitted, adopted, delivered, spooled, queued, dropped }
}

/** The stats of a pipeline that has seen nothing. */
export function emptyStats(): PipelineStats {
  return {
    logs: noStats(),
    spans: noStats(),
    lanes: [],
    queueBytes: 0,
    spoolBytes: 0,
    oldestUnsentMillis: null,
    endpoint: 'unknown',
  }
}

/** `down` when one of them is. */
export function stateOf(lanes: readonly { readonly state: LaneState }[]): LaneState {
  const states = lanes.map((lane) => lane.state)
  if (states.includes('down')) return 'down'
  return states.includes('up') ? 'up' : 'unknown'
}

function noStats(): SignalStats {
  return { emitted: 0, adopted: 0, delivered: 0, spooled: 0, queued: 0, dropped: noDrops() }
}
