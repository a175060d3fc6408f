/**
 * Does this request become a hop that templates can write? Most do: no baggage, no tracestate, a caller that records or none.
 */
import { SpanIds } from '../../context/span-ids.ts'
import { monotonicMillis } from '../../diag/clock.ts'
import { FLAG_RANDOM, FLAG_SAMPLED, parseTraceparent, type Traceparent } from '../../model/trace-context.ts'
import { carriedHeaders } from './inbound-context.ts'
import type { HopTemplates } from './hop-template.ts'
import { grantOf } from './kept-grant.ts'
import { PlainHop } from './plain-hop.ts'
import type { RequestTarget } from './request-target.ts'
import { plainAddress, type InboundRequest, type PeerSocket } from './server-attributes.ts'

interface Inbound {
  readonly request: InboundRequest
  readonly target: RequestTarget
  readonly socket: PeerSocket
}

/** @returns `undefined`: for begin-server-hop.ts */
export function beginPlainHop(templates: HopTemplates, { request, target, socket }: Inbound): PlainHop | undefined {
  const { headers } = request
  if (headers['tracestate'] !== undefined || headers['baggage'] !== undefined || !templates.takes()) return undefined
  const carried = carriedHeaders()
  if (!carried.isW3c) return undefined
  const { traceparent } = headers
  const parent = typeof traceparent === 'string' && carried.hasTraceparent ? parseTraceparent(traceparent) : undefined
  if (parent !== undefined && (parent.flags & FLAG_SAMPLED) === 0) return undefined
  const startedMillis = monotonicMillis()
  return new PlainHop(templates, {
    ids: parent === undefined ? SpanIds.ofRoot() : SpanIds.inTrace(parent.traceId),
    traceFlags: flagsBelow(parent),
    method: request.method ?? 'GET',
    path: target.path,
    startedMillis,
    isPeerTrusted: templates.options.trustedPeers.isTrusted(plainAddress(socket.remoteAddress)),
    anchor: templates.sink.clock.anchorAt(startedMillis),
    query: target.query,
    peer: templates.peers.of(request, socket),
    peerPort: socket.remoteAddress === undefined ? undefined : socket.remotePort,
    parentSpanId: parent?.spanId ?? '',
    grant: grantOf(headers, templates.options),
  })
}

/** As tracer-provider.ts: the caller's random flag goes on with its trace id; an id that we make is random. */
function flagsBelow(parent: Traceparent | undefined): number {
  return FLAG_SAMPLED | (parent === undefined ? FLAG_RANDOM : parent.flags & FLAG_RANDOM)
}
