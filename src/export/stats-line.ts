/**
 * The numbers of a lane in one sentence, as `TRACELOG_DEBUG=1` and `tracelog doctor` say them.
 */
import type { LaneStats, PipelineStats } from './pipeline-stats.ts'

/** `logs to otlp: 120 emitted = 118 delivered + 0 spooled + 2 queued + 0 dropped; the oldest waits 1.2 s; endpoint up`. */
export function laneLine(lane: LaneStats): string {
  const { signal, emitted, adopted, delivered, spooled, queued, oldestUnsentMillis: oldest } = lane
  const given = adopted === 0 ? `${emitted} emitted` : `${emitted} emitted + ${adopted} adopted`
  const sum = `${given} = ${delivered} delivered + ${spooled} spooled + ${queued} queued + ${droppedText(lane)}`
  const waits = oldest === null ? '' : `; the oldest waits ${(oldest / 1000).toFixed(1)} s`
  return `${signal} to ${lane.lane}: ${sum}${waits}${lane.endpoint === 'unknown' ? '' : `; endpoint ${lane.endpoint}`}`
}

/** Whether every record that was accepted, or taken over from disk, has arrived. */
export function isAllDelivered({ lanes }: PipelineStats): boolean {
  return lanes.every(({ emitted, adopted, delivered }) => emitted + adopted === delivered)
}

/** `3 dropped (2 queue_full, 1 rejected)`. */
function droppedText({ dropped }: LaneStats): string {
  const reasons = Object.entries(dropped).filter(([, count]) => count > 0)
  const total = reasons.reduce((sum, [, count]) => sum + count, 0)
  const which = reasons.map(([reason, count]) => `${count} ${reason}`).join(', ')
  return `${total} dropped${which === '' ? '' : ` (${which})`}`
}
