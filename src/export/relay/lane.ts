/**
 * The one lane of a worker thread's signal: to the main thread.
 */
import type { Signal } from '../../model/signal.ts'
import { LaneCounts } from '../lane-counts.ts'
import type { LaneStats } from '../pipeline-stats.ts'
import type { Seat } from '../stage.ts'

export class RelayLane implements Seat {
  readonly signal: Signal
  readonly bit = 1
  readonly name = 'relay'
  readonly isPrimary = true
  readonly counts: LaneCounts = new LaneCounts()

  constructor(signal: Signal) {
    this.signal = signal
  }

  stats(emitted: number, queued: number): LaneStats {
    const { signal, name: lane, isPrimary, counts } = this
    const { delivered, dropped } = counts
    return {
      signal,
      lane,
      isPrimary,
      endpoint: 'up',
      emitted,
      adopted: 0,
      delivered,
      spooled: 0,
      queued,
      dropped: { ...dropped },
      oldestUnsentMillis: null,
    }
  }
}
