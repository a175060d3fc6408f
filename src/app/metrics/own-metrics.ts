/**
 * What became of our own records, as metrics: `stats()` for dashboards. Observed when they are collected, nothing is counted twice.
 */
import type { Meter, ObservableResult } from '@opentelemetry/api'

import type { LaneStats } from '../../export/pipeline-stats.ts'

/** @param lanes  none while no record was made */
export function observeOwn(meter: Meter, lanes: () => readonly LaneStats[]): void {
  const counters = { emitted: 'accepted', delivered: 'taken by their destination' } as const
  for (const name of ['emitted', 'delivered'] as const) {
    counterOf(meter, name, counters[name]).addCallback((result) => {
      for (const lane of lanes()) result.observe(lane[name], placeOf(lane))
    })
  }
  counterOf(meter, 'dropped', 'lost for good, by reason').addCallback((result) => {
    for (const lane of lanes()) observeDrops(result, lane)
  })
  const queued = { description: 'Records that wait in memory or are under way.', unit: '{record}' }
  meter.createObservableUpDownCounter('tracelog.export.queued', queued).addCallback((result) => {
    for (const lane of lanes()) result.observe(lane.queued, placeOf(lane))
  })
}

function counterOf(meter: Meter, name: string, what: string) {
  const options = { description: `Records ${what}.`, unit: '{record}' }
  return meter.createObservableCounter(`tracelog.export.${name}`, options)
}

function placeOf({ signal, lane }: LaneStats): Record<string, string> {
  return { 'tracelog.signal': signal, 'tracelog.lane': lane }
}

/** Of each reason that there was. */
function observeDrops(result: ObservableResult, lane: LaneStats): void {
  for (const [reason, count] of Object.entries(lane.dropped)) {
    if (count > 0) result.observe(count, { ...placeOf(lane), 'tracelog.dropped.reason': reason })
  }
}
