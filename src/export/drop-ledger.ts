/**
 * Told, never silent: every loss is counted once, said on stderr at the start and end of its episode, and sent as a record.
 *
 * An episode is losses of one reason with less than ten seconds between them. The record (event `tracelog.dropped`) is due when the
 * destination answers again, at most one per reason and signal in ten seconds, the last one at the end of the process.
 */
import { monotonicMillis } from '../diag/clock.ts'
import { say, tell } from '../diag/events.ts'
import type { Attributes } from '../model/any-value.ts'
import {
  ATTR_DROPPED_COUNT,
  ATTR_DROPPED_FIRST_SEQ,
  ATTR_DROPPED_LAST_SEQ,
  ATTR_DROPPED_REASON,
  ATTR_DROPPED_SIGNAL,
} from '../model/semconv.ts'
import { visibleLine } from '../model/visible-text.ts'
import type { Removed } from './batch-parts.ts'
import type { DropReason } from './lane-counts.ts'
import type { LaneView } from './lane-view.ts'
import type { SentSignal } from '../model/signal.ts'

/** Between two records of one reason, and after the last loss of an episode. Milliseconds. Source: spec, pipeline. */
const QUIET_MILLIS = 10_000
const NOUNS: Readonly<Record<SentSignal, string>> = { logs: 'record', spans: 'span', metrics: 'metric' }
/** Of a peer's own words in a line. Characters. */
const MAX_DETAIL = 200

/** Records lost for good. */
export interface Loss {
  readonly reason: DropReason
  readonly removed: Removed
  /** What the line on stderr adds to the reason, as `HTTP 400`: shown cut and escaped. Default: nothing. */
  readonly detail?: string
  /** What tells one episode from another; of few values, which a peer's text is not. Default: `detail`. */
  readonly kind?: string
}

/** Who has lost them. */
export type LosingLane = Pick<LaneView, 'signal' | 'name' | 'isPrimary' | 'counts'>

interface Episode {
  readonly lane: LosingLane
  readonly reason: DropReason
  readonly detail: string
  /** Losses of the episode. */
  count: number
  /** How many of them have been said. */
  saidCount: number
  lastMillis: number
}

interface Unsent {
  readonly signal: SentSignal
  readonly reason: DropReason
  count: number
  firstSeq: number
  lastSeq: number
}

export class DropLedger {
  readonly #episodes = new Map<string, Episode>()
  readonly #unsent = new Map<string, Unsent>()
  readonly #sentMillis = new Map<string, number>()

  add(lane: LosingLane, loss: Loss): void {
    const { reason, removed } = loss
    if (removed.count === 0) return
    lane.counts.dropped[reason] += removed.count
    // The record is for whoever misses records in the primary lane's destination.
    if (lane.isPrimary) this.#noteUnsent(lane.signal, reason, removed)
    this.#noteEpisode(lane, loss)
  }

  /** Attributes of the `tracelog.dropped` records that are due; they count as sent. */
  takeDue(isLast = false): Attributes[] {
    const now = monotonicMillis()
    const due: Attributes[] = []
    for (const [key, { signal, reason, count, firstSeq, lastSeq }] of this.#unsent) {
      if (!isLast && now - (this.#sentMillis.get(key) ?? -Infinity) < QUIET_MILLIS) continue
      this.#sentMillis.set(key, now)
      this.#unsent.delete(key)
      due.push({
        [ATTR_DROPPED_COUNT]: count,
        [ATTR_DROPPED_REASON]: reason,
        [ATTR_DROPPED_SIGNAL]: signal,
        [ATTR_DROPPED_FIRST_SEQ]: firstSeq,
        [ATTR_DROPPED_LAST_SEQ]: lastSeq,
      })
    }
    return due
  }

  /** Says what was not said yet of the episodes that are over. */
  sayEnded(isLast = false): void {
    const now = monotonicMillis()
    for (const [key, episode] of this.#episodes) {
      if (!isLast && now - episode.lastMillis < QUIET_MILLIS) continue
      if (episode.count > episode.saidCount) tell(lineOf(episode))
      episode.saidCount = episode.count
      // At the end of the process more may come: it is said as more of the same.
      if (!isLast) this.#episodes.delete(key)
    }
  }

  #noteUnsent(signal: SentSignal, reason: DropReason, { count, firstSeq, lastSeq }: Removed): void {
    const key = `${signal} ${reason}`
    const unsent = this.#unsent.get(key)
    if (unsent === undefined) this.#unsent.set(key, { signal, reason, count, firstSeq, lastSeq })
    else {
      unsent.count += count
      unsent.firstSeq = Math.min(unsent.firstSeq, firstSeq)
      unsent.lastSeq = Math.max(unsent.lastSeq, lastSeq)
    }
  }

  #noteEpisode(lane: LosingLane, { reason, removed: { count }, detail = '', kind = detail }: Loss): void {
    const key = `${lane.signal} ${lane.name} ${reason} ${kind}`
    const episode = this.#episodes.get(key) ?? { lane, reason, detail, count: 0, saidCount: 0, lastMillis: 0 }
    episode.count += count
    episode.lastMillis = monotonicMillis()
    if (this.#episodes.has(key)) return
    this.#episodes.set(key, episode)
    if (say(`dropped ${key}`, lineOf(episode))) episode.saidCount = episode.count
  }
}

/** What is new; after a line before it, also how many it is in all. */
function lineOf({ lane, reason, detail, count, saidCount }: Episode): string {
  const isMore = saidCount > 0
  const news = count - saidCount
  const noun = `${NOUNS[lane.signal]}${news === 1 ? '' : 's'}`
  const text = detail.length > MAX_DETAIL ? `${detail.slice(0, MAX_DETAIL)}…` : detail
  const why = text === '' ? reason : `${reason}: ${visibleLine(text)}`
  const where = lane.isPrimary ? '' : ` by the lane ${lane.name}`
  return `${news} ${isMore ? 'more ' : ''}${noun} dropped${where} (${why})${isMore ? `, ${count} in all` : ''}`
}
