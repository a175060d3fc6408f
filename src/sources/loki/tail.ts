/**
 * What arrives in Loki, while it arrives: asked again every second, each record shown once.
 *
 * Polling and not Loki's websocket: a tail there drops what a reader does not take in time, only ten may be open per tenant, it
 * cannot go on after a lost connection without gaps, and proxies must let it through. The question that pages ask has none of
 * that, and costs Loki the last seconds of one query per second.
 */
import { pause } from '../pause.ts'
import type { StackServer } from '../stack-client.ts'
import type { TailEvent, TailOptions } from '../log-source.ts'
import { matchingEntries } from './logs-page.ts'
import { compileLokiQuery } from './loki-query.ts'
import { entryId } from './read-entry.ts'

/** Between two questions. Milliseconds. */
const EVERY_MILLIS = 1_000
/** So far back every question looks: a record is in Loki about a second after it was written. Milliseconds. */
const RECENT_MILLIS = 5_000
/**
 * So far back every 15th question looks, but not before the tail: for what queues and clocks made late. What is later still is not
 * shown. Milliseconds.
 */
const LATE_MILLIS = 60_000
const LATE_EVERY = 15
/** So long Loki may be away before the tail gives up: it needs 10 s to start on an idle machine. Milliseconds. */
const AWAY_MILLIS = 120_000

/**
 * @yields each record once, about a second after it came; never a request.
 * @throws QuerySyntaxError; TRACELOG_BACKEND_UNREACHABLE at the first question, and after two minutes without an answer
 */
export async function* lokiTail(loki: StackServer, text: string, options: TailOptions): AsyncGenerator<TailEvent> {
  const { signal, onOpen } = options
  // A wrong query is said before anything is asked.
  compileLokiQuery(text)
  /** Shown, or there before: id -> time, as long as a question can meet it again. */
  const known = new Map<string, bigint>()
  let isOpen = false
  let lostAt = 0
  const first = Date.now() - RECENT_MILLIS
  let from = sinceMillis(first)
  for (let asked = 1; !signal.aborted; asked++) {
    const askedAt = Date.now()
    try {
      for await (const { entry, row } of matchingEntries(loki, { text, since: from, order: 'asc' }, { signal })) {
        const id = entryId(entry)
        if (known.has(id)) continue
        known.set(id, entry.time)
        if (isOpen) yield { kind: 'log', row }
      }
      lostAt = 0
      // Not from the first question on: what it missed while Loki was away is met by the next one.
      from = sinceMillis(Math.max(first, askedAt - (asked % LATE_EVERY === 0 ? LATE_MILLIS : RECENT_MILLIS)))
      forget(known, BigInt(askedAt - 2 * LATE_MILLIS) * 1_000_000n)
    } catch (error) {
      if (signal.aborted) return
      if (lostAt === 0) lostAt = Date.now()
      if (!isOpen || Date.now() - lostAt > AWAY_MILLIS) throw error
    }
    if (!isOpen) onOpen?.()
    isOpen = true
    // oxlint-disable-next-line no-await-in-loop -- this is what polling is
    await pause(EVERY_MILLIS, signal)
  }
}

/** Epoch nanoseconds, as a query takes them. */
function sinceMillis(millis: number): string {
  return String(BigInt(millis) * 1_000_000n)
}

function forget(known: Map<string, bigint>, before: bigint): void {
  for (const [id, time] of known) if (time < before) known.delete(id)
}
