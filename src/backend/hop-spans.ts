/**
 * The port of `tracelog lb-spans`: takes log records over OTLP/HTTP and hands on the spans of load balancers' hops.
 *
 * Keeps nothing: a request is answered with 200 after its spans were accepted, so that the sender's queue (the Collector's, on
 * disk) is the only memory. A sender that hears nothing sends again, and the same records give the same spans.
 */
import type { LogRecord } from '../model/log-record.ts'
import { spanOfHop } from '../model/hop-span.ts'
import { decodeLogsRequest } from '../model/otlp-decode.ts'
import { OtlpEncoder } from '../model/otlp-encode.ts'
import { assembleRequest, encodeResource, encodeScope, type ResourceRecords } from '../model/otlp-request.ts'
import { createHttpServer } from './http-server.ts'
import { listen } from './listen.ts'
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

/** For requests under way at the end. Milliseconds. */
const STOP_GRACE_MILLIS = 5_000

/** @throws TRACELOG_PORT_IN_USE, TRACELOG_CONFIG_INVALID */
export async function startHopSpans(options: HopSpansOptions): Promise<HopSpans> {
  const { host, port, allowedHosts, token, send } = options
  const counts = { records: 0, spans: 0 }
  const append = async ({ signal, bytes, count }: ReceivedRequest): Promise<void> => {
    if (signal !== 'logs') throw new Refusal('malformed', 'only logs are taken here; send spans to where all spans go')
    const spans = spansOf(bytes)
    const outcome = spans.count === 0 ? 'accepted' : await send(spans.request, spans.count)
    if (outcome !== 'accepted') throw new Refusal(outcome, 'the endpoint of the spans did not accept them')
    counts.records += count
    counts.spans += spans.count
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

/** An IPv6 address stands in brackets in a URL and in a Host header. */
function urlHost(host: string): string {
  return host.includes(':') ? `[${host}]` : host
}

/** The spans of a request of logs, grouped as its records are. */
function spansOf(bytes: Uint8Array): { readonly request: Uint8Array<ArrayBuffer>; readonly count: number } {
  let count = 0
  const resources = decodeLogsRequest(bytes).map(({ resource, scopes }): ResourceRecords => ({
    resource: encodeResource(resource),
    scopes: scopes.map(({ scope, records }) => {
      const encoder = new OtlpEncoder({ chunkBytes: 4_096 })
      count += appendSpans(encoder, records, resource)
      return { scope: encodeScope(scope), records: [encoder.take()] }
    }),
  }))
  return { request: assembleRequest(resources), count }
}

function appendSpans(
  encoder: OtlpEncoder,
  records: readonly LogRecord[],
  resource: Parameters<typeof spanOfHop>[1],
): number {
  let count = 0
  for (const record of records) {
    const span = spanOfHop(record, resource)
    if (span === undefined) continue
    encoder.appendSpan(span)
    count += 1
  }
  return count
}
