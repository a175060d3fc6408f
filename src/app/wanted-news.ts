/**
 * What becomes of the word that a request has failed elsewhere: the flight recorder hears it when the event loop gets to it.
 *
 * Not at once: news is also read while a record is being accepted, by a thread too busy to get to its event loop, and a dump is many
 * records.
 */
import { tell } from '../diag/events.ts'
import { startTimer } from '../diag/timers.ts'
import type { FollowingNews, WantedNews } from '../export/wanted/wanted-news.ts'
import type { Recorder } from '../process/recorder/recorder.ts'

export interface WantedHearerOptions {
  readonly recorder: () => Recorder | undefined
  /** Runs something as if no request were being served. */
  readonly detached: <T>(run: () => T) => T
  /** TRACELOG_DEBUG */
  readonly isDebug: boolean
}

/** The sender keeps to a rate, so what waits here is bounded while the event loop runs; beyond this it is counted as left out. */
const MAX_WAITING = 1_000

export function createWantedHearer({ recorder, detached, isDebug }: WantedHearerOptions): (news: WantedNews) => void {
  const waiting = new Set<string>()
  let dropped = 0
  let isDue = false
  const hand = (): void => {
    isDue = false
    const traceIds = [...waiting]
    waiting.clear()
    recorder()?.dumpTraces(traceIds, dropped)
    dropped = 0
  }
  return (news) => {
    if (news.kind === 'following') {
      if (isDebug) tell(followingLine(news))
      return
    }
    for (const traceId of news.traceIds) {
      if (waiting.size < MAX_WAITING) waiting.add(traceId)
      else dropped++
    }
    dropped += news.dropped
    if (isDue) return
    isDue = true
    detached(() => startTimer(hand, 0).unref())
  }
}

function followingLine({ endpoint, isOpen }: FollowingNews): string {
  return isOpen
    ? `recorder: tracelog dev at ${endpoint} tells of requests that fail elsewhere: what is kept of those that were answered before is sent`
    : `recorder: ${endpoint} tells no longer of requests that fail elsewhere`
}
