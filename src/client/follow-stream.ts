/**
 * Reads a stream to its end, over as many connections as it takes: each goes on behind the last event that arrived.
 */
import { readLogEvent, type LogEvent } from './log-event.ts'
import { textOf } from './response-text.ts'
import { createSseParser, type SentEvent } from './sse-parser.ts'
import { pause } from './pause.ts'
import { requestEvents, type StreamFetch, type StreamPlace } from './stream-requests.ts'

const FIRST_WAIT_MILLIS = 100
const LONGEST_WAIT_MILLIS = 5_000
/** So long without any contact, and nothing more is expected. */
const GIVE_UP_MILLIS = 60_000
/** The server sends something every 15 s: so long without anything, and the connection is dead, whoever may think otherwise. */
const SILENCE_MILLIS = 45_000

export interface Following {
  readonly fetch: StreamFetch
  readonly place: StreamPlace
  readonly signal: AbortSignal
  /** @param length  of the event as sent */
  readonly onEvent: (event: LogEvent, length: number) => void
  readonly onContact: (isThere: boolean) => void
}

/** Resolves after the event `end`, when the stream is gone, or when nobody could be reached for long. Never rejects. */
export async function followStream(following: Following): Promise<void> {
  const { signal, onContact } = following
  const place: Place = { lastId: undefined, hasEnded: false, contactAt: performance.now() }
  for (let wait = FIRST_WAIT_MILLIS; ; wait = Math.min(wait * 2, LONGEST_WAIT_MILLIS)) {
    const before = place.lastId
    const isGone = await readOnce(following, place).catch(() => false)
    if (place.hasEnded || signal.aborted) return
    onContact(false)
    if (isGone || performance.now() - place.contactAt > GIVE_UP_MILLIS) return
    if (place.lastId !== before) wait = FIRST_WAIT_MILLIS
    await pause(wait, signal)
    if (signal.aborted) return
  }
}

/** How far we are in a stream. */
interface Place {
  lastId: string | undefined
  hasEnded: boolean
  contactAt: number
}

/** @returns whether the server says that there is no such stream; rejects when the connection breaks */
async function readOnce(following: Following, place: Place): Promise<boolean> {
  const silence = new AbortController()
  const abort = (): void => silence.abort()
  following.signal.addEventListener('abort', abort)
  let timer = setTimeout(abort, SILENCE_MILLIS)
  try {
    const response = await requestEvents(following.fetch, {
      ...following,
      lastId: place.lastId,
      signal: silence.signal,
    })
    if (!isStream(response)) {
      response.body?.cancel().catch(() => {})
      return response.status < 500 && response.status !== 429
    }
    following.onContact(true)
    const parser = createSseParser()
    let tooLong = 0
    for await (const text of textOf(response)) {
      clearTimeout(timer)
      timer = setTimeout(abort, SILENCE_MILLIS)
      place.contactAt = performance.now()
      const events = parser.push(text)
      if (parser.tooLong > tooLong) following.onEvent({ type: 'gap', dropped: parser.tooLong - tooLong }, 0)
      tooLong = parser.tooLong
      if (takeEvents(following, place, events)) return false
    }
    return false
  } finally {
    clearTimeout(timer)
    following.signal.removeEventListener('abort', abort)
  }
}

/** @returns whether the end was among them */
function takeEvents({ onEvent }: Following, place: Place, sent: readonly SentEvent[]): boolean {
  for (const one of sent) {
    // What arrived before the connection broke may be sent once more.
    if (isOld(one.id, place.lastId)) continue
    place.lastId = one.id ?? place.lastId
    const event = readLogEvent(one)
    if (event !== undefined) onEvent(event, one.data.length)
    if (event?.type === 'end') {
      place.hasEnded = true
      return true
    }
  }
  return false
}

/** Numbers that rise are compared; an id that is no number tells nothing. */
function isOld(id: string | undefined, lastId: string | undefined): boolean {
  return id !== undefined && lastId !== undefined && Number(id) <= Number(lastId)
}

function isStream(response: Response): boolean {
  return response.status === 200 && response.headers.get('content-type')?.startsWith('text/event-stream') === true
}
