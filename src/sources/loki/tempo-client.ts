/**
 * One trace's spans out of Tempo, and the ids that begin so.
 *
 * Asked for protobuf: the answer then is OTLP's own message, ids and numbers exact (in JSON its ids are base64).
 */
import { decodeTracesRequest } from '../../model/otlp-decode.ts'
import { senderOf, type TraceSpan } from '../../tree/trace-data.ts'
import { askServer, parseAnswer, unreachableServer, type StackServer } from '../stack-client.ts'

const UNKNOWN_SERVICE = 'unknown_service'
/** Traces that one search names at most. */
const MAX_FOUND = 20
/** Without a time Tempo searches what is newest alone; this is the longest that it takes (search.max_duration). Seconds. */
const SEARCHED_SECONDS = 168 * 3_600
/** Clocks may be ahead. */
const AHEAD_SECONDS = 300

/** @returns none when Tempo does not know the trace */
export async function readSpans(tempo: StackServer, traceId: string): Promise<TraceSpan[]> {
  const response = await askServer(tempo, `/api/traces/${traceId}`, { headers: { accept: 'application/protobuf' } })
  const bytes = new Uint8Array(await response.arrayBuffer())
  if (response.status === 404) return []
  if (response.status === 400) throw unreachableServer(tempo, `status 400, ${textOf(bytes).slice(0, 200)}`)
  return spansOf(tempo, bytes)
}

function textOf(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes)
}

function spansOf(tempo: StackServer, bytes: Uint8Array): TraceSpan[] {
  try {
    return decodeTracesRequest(bytes).flatMap(({ resource: { attributes }, scopes }) => {
      const sender = senderOf(attributes, UNKNOWN_SERVICE)
      return scopes.flatMap(({ spans }) => spans.map((span) => ({ ...sender, span })))
    })
  } catch (cause) {
    throw unreachableServer(tempo, 'the answer is no trace', cause)
  }
}

/** Of the last seven days. @param digits  hex digits, checked by the caller */
export async function findTraceIds(tempo: StackServer, digits: string): Promise<string[]> {
  const end = Math.floor(Date.now() / 1_000) + AHEAD_SECONDS
  const response = await askServer(tempo, '/api/search', {
    query: {
      q: `{ trace:id =~ "${digits}.*" }`,
      limit: String(MAX_FOUND),
      start: String(end - SEARCHED_SECONDS),
      end: String(end),
    },
  })
  const text = await response.text()
  if (!response.ok) throw unreachableServer(tempo, `status ${response.status}, ${text.slice(0, 200)}`)
  const { traces = [] } = parseAnswer(tempo, text) as { traces?: readonly { readonly traceID: string }[] }
  // Tempo leaves out leading zeros.
  return traces.map(({ traceID }) => traceID.padStart(32, '0')).filter((id) => id.startsWith(digits))
}
