/**
 * The port of `tracelog lb-spans`: takes log records over OTLP/HTTP and hands on the spans of load balancers' hops.
 *
 * Keeps no records: a request is answered with 200 after its spans were accepted, so that the sender's queue (the Collector's, on
 * disk) is the only memory. A sender that hears nothing sends again, and the same records give the same spans. Those that were
 * accepted are remembered by their ids for a while, and not sent twice: Tempo (3.0.3) shows a span as often as it came.
 */
import { spanOfHop } from '../model/hop-span.ts'
import { decodeLogsRequest } from '../model/otlp-decode.ts'
import { OtlpEncoder } from '../model/otlp-encode.ts'
import { assembleRequest, encodeResource, encodeScope, type ResourceRecords } from '../model/otlp-request.ts'
import { createRecentTexts, type RecentTexts } from '../model/recent-texts.ts'
import { createHttpServer } from './http-server.ts'
import { listen, urlHost } from './listen.ts'
import { createBodyBudget } from './receive/body-budget.ts'
import { createIntake } from './receive/intake.ts'
import { createOtlpHttpListener } from './receive/otlp-http.ts'
import { type ReceivedRequest, Refusal } from './receive/receive-sink.ts'
import { createRequestGuard, createTokenCheck, requireToken } from './request-guard.ts'

export interface HopSpansOptions {
  /** `127.0.0.1` stands for both loopback addresses. */
  readonly host: string
  /** 0: any free one. */
  readonly port: number
  /** Host names that requests may carry beside the loopback ones. */
  readonly allowedHosts: readonly string[]
  /** Must be in every request; `undefined`: none is asked for. */
  readonly token: string | undefined
  /** Hands a request of spans on. `busy`: to be sent again; `malformed`: refused for good. */
  readonly send: (request: Uint8Array<ArrayBuffer>, count: number) => Promise<'accepted' | 'busy' | 'malformed'>
}

export interface HopSpans {
  readonly url: string
  /** Records received, and spans that were accepted. */
  readonly counts: { readonly records: number; readonly spans: number }
  /** Requests under way get an answer first. */
  stop(): Promise<void>
}

/** Spans; a sender sends again within seconds or minutes. About 20 MB. */
const REMEMBERED = 100_000
/** For requests under way at the end. Milliseconds. */
const STOP_GRACE_MILLIS = 5_000

/** @throws TRACELOG_PORT_IN_USE, TRACELOG_CONFIG_INVALID */
export async function startHopSpans(options: HopSpansOptions): Promise<HopSpans> {
  const { host, port, allowedHosts, token, send } = options
  const counts = { records: 0, spans: 0 }
  const accepted = createRecentTexts(REMEMBERED)
  const append = async ({ signal, bytes, count }: ReceivedRequest): Promise<void> => {
    if (signal !== 'logs') throw new Refusal('malformed', 'only logs are taken here; send spans to where all spans go')
    const { request, ids } = spansOf(bytes, accepted)
    const outcome = ids.length === 0 ? 'accepted' : await send(request, ids.length)
    if (outcome !== 'accepted') throw new Refusal(outcome, 'the endpoint of the spans did not accept them')
    for (const id of ids) accepted.add(id)
    counts.records += count
    counts.spans += ids.length
  }
  const isAnyAddressAllowed = host === '0.0.0.0' || host === '::'
  const guard = createRequestGuard({ allowedHosts: [...allowedHosts, urlHost(host)], isAnyAddressAllowed })
  const listener = createOtlpHttpListener({
    intake: createIntake({ append }),
    guard: token === undefined ? guard : requireToken(guard, createTokenCheck(token)),
    budget: createBodyBudget(),
  })
  const opened = await listen({
    createServer: () => createHttpServer(listener),
    host,
    port,
    purpose: 'OTLP/HTTP',
    flag: '--port',
  })
  return {
    url: `http://${urlHost(isAnyAddressAllowed ? '127.0.0.1' : host)}:${opened.port}`,
    counts,
    stop: () => opened.close(STOP_GRACE_MILLIS),
  }
}

interface EncodedSpans {
  readonly request: Uint8Array<ArrayBuffer>
  /** Trace and span id of each. */
  readonly ids: readonly string[]
}

/** The spans of a request of logs that were not accepted before, grouped as its records are. */
function spansOf(bytes: Uint8Array, accepted: RecentTexts): EncodedSpans {
  const ids: string[] = []
  const resources = decodeLogsRequest(bytes).map(({ resource, scopes }): ResourceRecords => ({
    resource: encodeResource(resource),
    scopes: scopes.map(({ scope, records }) => {
      const encoder = new OtlpEncoder({ chunkBytes: 4_096 })
      for (const record of records) {
        const span = spanOfHop(record, resource)
        const id = `${span?.traceId}${span?.spanId}`
        if (span === undefined || accepted.has(id)) continue
        encoder.appendSpan(span)
        ids.push(id)
      }
      return { scope: encodeScope(scope), records: [encoder.take()] }
    }),
  }))
  return { request: assembleRequest(resources), ids }
}
