/**
 * The numbers of the flight recorder in one sentence, as `TRACELOG_DEBUG=1` says them.
 */
import type { RecorderStats } from '../model/recorder-stats.ts'

/** `recorder: 12 kept = 3 dumped + 9 discarded + 0 evicted + 0 in memory; dumps: 1 status; share 1 of 4`; `undefined`: nothing to tell. */
export function recorderLine(stats: RecorderStats): string | undefined {
  const { kept, dumped, discarded, evicted, passed, suppressed, wanted, unheard, share } = stats
  if (kept === 0 && passed === 0 && wanted === 0 && unheard === 0 && share === 1) return undefined
  const rest = kept - dumped - discarded - evicted
  const dumps = Object.entries(stats.dumps).filter(([, count]) => count > 0)
  return [
    `recorder: ${kept} kept = ${dumped} dumped + ${discarded} discarded + ${evicted} evicted + ${rest} in memory`,
    ...(dumps.length === 0 ? [] : [`dumps: ${dumps.map(([reason, count]) => `${count} ${reason}`).join(', ')}`]),
    ...(suppressed === 0 ? [] : [`${suppressed} dumps too many at once`]),
    ...(passed === 0 ? [] : [`${passed} requests passed over`]),
    ...(wanted === 0 ? [] : [`told of ${wanted} requests that failed`]),
    ...(unheard === 0 ? [] : [`${unheard} more not looked for`]),
    `share ${share === 1 ? 'all' : `1 of ${1 / share}`}`,
  ].join('; ')
}
