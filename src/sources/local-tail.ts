/**
 * The tail of the local backend, across its restarts: each record that the backend has is shown once.
 *
 * An event's id says up to where everything was said. A stream that is cut between two ids is resumed at the older one, so rows
 * after it may come again: those are known and left out.
 */
import type { LogRow, RequestRow } from '../model/api.ts'
import { rowId } from '../model/log-row.ts'
import { openBackend, unreachable, type BackendAddress } from './backend-client.ts'
import type { TailEvent, TailOptions } from './log-source.ts'
import { pause } from './pause.ts'
import { readServerSentEvents, type ServerSentEvent } from './server-sent-events.ts'

/** Between two attempts to come back. Milliseconds. */
const RECONNECT_MILLIS = 500
/** So long a backend that comes back may refuse the token: its file may be a moment behind it. Milliseconds. */
const REFUSED_MILLIS = 5_000

interface Tail extends TailOptions {
  readonly text: string
}

/**
 * Waits for a backend that went away, for as long as it takes.
 *
 * @yields what happens, and when the backend goes and comes back
 * @throws at the first attempt what openBackend throws; later only what waiting does not mend: a wrong query, a refused token
 */
export async function* tailBackend(
  first: BackendAddress,
  findAgain: () => BackendAddress | undefined,
  tail: Tail,
): AsyncGenerator<TailEvent> {
  const place = new Place()
  let address = first
  let lostAt: number | undefined
  let isAway = false
  let hasOpened = false
  while (!tail.signal.aborted) {
    try {
      // oxlint-disable-next-line no-await-in-loop -- one stream at a time
      const body = await openTail(address, tail, place.resumeId)
      if (!hasOpened) tail.onOpen?.()
      hasOpened = true
      if (isAway) yield { kind: 'back' }
      isAway = false
      lostAt = undefined
      for await (const event of readServerSentEvents(body)) {
        const parsed = parseTailEvent(event)
        if (place.isNew(event, parsed) && parsed !== undefined) yield parsed
      }
    } catch (error) {
      if (tail.signal.aborted) return
      // At the first try there is nothing to come back to.
      if (!hasOpened || isFinal(error, lostAt)) throw error
      if (!isAway && lostAt !== undefined) yield { kind: 'away' }
      isAway ||= lostAt !== undefined
    }
    lostAt ??= Date.now()
    // oxlint-disable-next-line no-await-in-loop -- this is what waiting is
    await pause(RECONNECT_MILLIS, tail.signal)
    address = findAgain() ?? address
  }
}

/** Where the tail is: the id to resume after, and the rows that were shown beyond it. */
class Place {
  resumeId = ''
  readonly #shown = new Set<string>()

  isNew({ id }: ServerSentEvent, event: TailEvent | undefined): boolean {
    const row = event?.kind === 'log' ? rowId(event.row) : undefined
    const isKnown = row !== undefined && this.#shown.has(row)
    if (id !== '' && id !== this.resumeId) {
      this.resumeId = id
      this.#shown.clear()
    } else if (row !== undefined) this.#shown.add(row)
    return !isKnown
  }
}

async function openTail(
  address: BackendAddress,
  { text, signal }: Tail,
  resumeId: string,
): Promise<AsyncIterable<Uint8Array>> {
  const headers = { accept: 'text/event-stream', ...(resumeId === '' ? {} : { 'last-event-id': resumeId }) }
  const query = { q: text === '' ? undefined : text }
  const response = await openBackend(address, 'tail', { query, headers, signal })
  if (response.body === null || response.status === 404) throw unreachable(address, 'it has no /api/v1/tail')
  return response.body
}

/** @returns `undefined` for an event that this version does not know */
function parseTailEvent({ event, data }: ServerSentEvent): TailEvent | undefined {
  const value = JSON.parse(data) as unknown
  if (event === 'log') return { kind: 'log', row: value as LogRow }
  if (event === 'request') return { kind: 'request', row: value as RequestRow }
  if (event === 'gap') return { kind: 'gap', dropped: (value as { dropped: number }).dropped }
  return undefined
}

function isFinal(error: unknown, lostAt: number | undefined): boolean {
  const { code, status } = error as { code?: unknown; status?: unknown }
  if (code === 'TRACELOG_QUERY_SYNTAX') return true
  return status !== undefined && lostAt !== undefined && Date.now() - lostAt > REFUSED_MILLIS
}
