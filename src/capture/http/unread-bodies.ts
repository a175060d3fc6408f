/**
 * Which responses does nobody read? `http.get(url, (response) => response.statusCode)` never comes to an end: Node waits for
 * a reader, and the connection for Node.
 *
 * One timer for all of them, which keeps no process alive and runs only while answers are there that have not ended.
 */
import { monotonicMillis } from '../../diag/clock.ts'
import { startTimer } from '../../diag/timers.ts'

/** A request whose head has come. */
export interface Answered {
  /** Ends it as of its head if nobody has begun to read its body. */
  endIfUnread(): void
}

/** After its head, a body may wait so long for its reader. Milliseconds. */
export const MAX_UNREAD_MILLIS = 2_000

/** With the time of their heads, the oldest first. */
const waiting = new Map<Answered, number>()
let isWatching = false

/** The head of an answer has come. */
export function awaitReader(answered: Answered, nowMillis: number): void {
  waiting.set(answered, nowMillis)
  watch()
}

/** The body has ended. */
export function readerDone(answered: Answered): void {
  waiting.delete(answered)
}

function watch(): void {
  if (isWatching || waiting.size === 0) return
  isWatching = true
  startTimer(look, MAX_UNREAD_MILLIS).unref()
}

/** Whoever is being read when its time has come ends by itself. */
function look(): void {
  isWatching = false
  const latest = monotonicMillis() - MAX_UNREAD_MILLIS
  for (const [answered, headMillis] of waiting) {
    if (headMillis > latest) break
    waiting.delete(answered)
    answered.endIfUnread()
  }
  watch()
}
