/**
 * Told, never silent: every loss is counted once, said on stderr at the start and end of its episode, and sent as a record.
 *
 * An episode is losses of one reason with less than ten seconds between them. The record (event `tracelog.dropped`) is due when the
 * destination answers again, at most one per reason and signal in ten seconds, the last one at the end of the process.
 */
import { monotonicMillis } from '../diag/clock.ts'
import { say } from '../diag/events.ts'
import type { Attributes } from '../model/any-value.ts'
import type { Removed } from './batch.ts'
import type { Counts, DropReason } from './pipeline-stats.ts'
import type { Signal } from './worker-protocol.ts'

/** Between two records of one reason, and after the last loss of an episode. Milliseconds. Source: spec, pipeline. */
const QUIET_MILLIS = 10_000

interface Episode {
  readonly signal: Signal
  readonly reason: DropReason
  readonly detail: string
  /** Losses of the episode. */
  count: number
  /** How many of them have been said. */
  saidCount: number
  lastMillis: number
}

interface Unsent {
  readonly signal: Signal
  readonly reason: DropReason
  count: number
  firstSeq: number
  lastSeq: number
}

export class DropLedger {
  readonly #counts: Counts
  readonly #episodes = new Map<string, Episode>()
  readonly #unsent = new Map<string, Unsent>()
  readonly #sentMillis = new Map<string, number>()

  constructor(counts: Counts) {
    this.#counts = counts
  }

  /** @param detail  what the line on stderr adds to the reason, as `HTTP 400`; `''` for nothing */
  add(
    signal: Signal,
    { reason, removed, detail = '' }: { reason: DropReason; removed: Removed; detail?: string },
  ): void {
    if (removed.count === 0) return
    this.#counts[signal].dropped[reason] += removed.count
    this.#noteUnsent(signal, reason, removed)
    this.#noteEpisode(signal, { reason, count: removed.count, detail })
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
        'tracelog.dropped.count': count,
        'tracelog.dropped.reason': reason,
        'tracelog.dropped.signal': signal,
        'tracelog.dropped.first_seq': firstSeq,
        'tracelog.dropped.last_seq': lastSeq,
      })
    }
    return due
  }

  /** Says what was not said yet of the episodes that are over. */
  sayEnded(isLast = false): void {
    const now = monotonicMillis()
    for (const [key, episode] of this.#episodes) {
      if (!isLast && now - episode.lastMillis < QUIET_MILLIS) continue
      this.#episodes.delete(key)
      if (episode.count > episode.saidCount) sayDropped(`${key} end`, episode)
    }
  }

  #noteUnsent(signal: Signal, reason: DropReason, { count, firstSeq, lastSeq }: Removed): void {
    const key = `${signal} ${reason}`
    const unsent = this.#unsent.get(key)
    if (unsent === undefined) this.#unsent.set(key, { signal, reason, count, firstSeq, lastSeq })
    else {
      unsent.count += count
      unsent.firstSeq = Math.min(unsent.firstSeq, firstSeq)
      unsent.lastSeq = Math.max(unsent.lastSeq, lastSeq)
    }
  }

  #noteEpisode(signal: Signal, { reason, count, detail }: { reason: DropReason; count: number; detail: string }): void {
    const key = `${signal} ${reason} ${detail}`
    const episode = this.#episodes.get(key) ?? { signal, reason, detail, count: 0, saidCount: 0, lastMillis: 0 }
    episode.count += count
    episode.lastMillis = monotonicMillis()
    if (this.#episodes.has(key)) return
    this.#episodes.set(key, episode)
    if (sayDropped(key, episode)) episode.saidCount = episode.count
  }
}

function sayDropped(kind: string, { signal, reason, detail, count }: Episode): boolean {
  const what = signal === 'logs' ? 'records' : 'spans'
  return say(`dropped ${kind}`, `${count} ${what} dropped (${reason}${detail === '' ? '' : `: ${detail}`})`)
}
