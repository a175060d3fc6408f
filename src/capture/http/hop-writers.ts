/**
 * SERVER span and completion record of a request straight to bytes: template, peer, and what is the request's own.
 */
import type { ClockAnchor } from '../../diag/clock.ts'
import type { AnyValue } from '../../model/any-value.ts'
import { LOG_RECORD, SPAN } from '../../model/otlp-schema.ts'
import type { ProtoWriter } from '../../model/proto-writer.ts'
import { writeLogIds, writeSpanFlags, writeSpanIds } from '../../model/record-fields.ts'
import {
  ATTR_CACHE_HIT,
  ATTR_NETWORK_PEER_PORT,
  ATTR_LB_ROUTING_MS,
  ATTR_RESPONSE_TIME_MS,
  ATTR_RETRIES,
  ATTR_SEQ,
  ATTR_UPSTREAM,
  ATTR_UPSTREAM_MS,
  ATTR_UPSTREAM_STATUSES,
  ATTR_UPSTREAM_TRIED,
  ATTR_URL_PATH,
  ATTR_URL_QUERY,
} from '../../model/semconv.ts'
import type { RequestUnit } from '../../context/request-unit.ts'
import { FLAG_HAS_IS_REMOTE, FLAG_IS_REMOTE } from '../../record/recording-span.ts'
import { roundMillis } from '../hop/round-millis.ts'
import type { UpstreamAttempt } from '../../context/upstream-attempts.ts'
import { upstreamMillis } from './completion-record.ts'
import type { HopTemplate } from './hop-template.ts'
import type { PeerBlock } from './peer-block.ts'

/** A request that has ended, as its writers need it. */
export interface WrittenHop {
  readonly unit: RequestUnit
  readonly template: HopTemplate
  readonly peer: PeerBlock
  readonly peerPort: number | undefined
  /** Of the caller; `''` where the trace begins here. */
  readonly parentSpanId: string
  readonly anchor: ClockAnchor
  /** On the monotonic clock. */
  readonly endedMillis: number
  // Redacted:
  readonly path: string
  readonly query: string | undefined
  readonly body: string
  /** Whom a balancer has asked. */
  readonly upstream: WrittenUpstream | undefined
}

/** The one upstream of a request that was balanced at the first try. */
export interface WrittenUpstream {
  readonly attempt: UpstreamAttempt
  // Redacted:
  readonly name: string
  readonly status: string
}

const SPAN_ID_BYTES = 8

export function writeServerSpan(writer: ProtoWriter, hop: WrittenHop): void {
  const { unit, anchor, parentSpanId } = hop
  writeSpanIds(writer, unit.ids)
  if (parentSpanId !== '') writer.hexField(SPAN.parentSpanId, parentSpanId, SPAN_ID_BYTES)
  writer.timeField(SPAN.startTimeUnixNano, anchor, unit.startedMillis)
  writer.timeField(SPAN.endTimeUnixNano, anchor, hop.endedMillis)
  writer.raw(hop.template.span)
  writer.raw(hop.peer.span)
  writer.attribute(SPAN.attributes, ATTR_URL_PATH, hop.path)
  if (hop.query !== undefined) writer.attribute(SPAN.attributes, ATTR_URL_QUERY, hop.query)
  if (hop.peerPort !== undefined) writer.attribute(SPAN.attributes, ATTR_NETWORK_PEER_PORT, hop.peerPort)
  const hit = unit.rolledUp?.lastHit
  if (hit !== undefined) writer.attribute(SPAN.attributes, ATTR_CACHE_HIT, hit)
  const isRemote = parentSpanId === '' ? 0 : FLAG_IS_REMOTE
  writeSpanFlags(writer, unit.traceFlags | FLAG_HAS_IS_REMOTE | isRemote)
}

export function writeCompletion(writer: ProtoWriter, hop: WrittenHop, seq: number): void {
  const { unit, anchor, endedMillis } = hop
  writer.timeField(LOG_RECORD.timeUnixNano, anchor, endedMillis)
  writer.valueField(LOG_RECORD.body, hop.body)
  writer.raw(hop.template.record)
  writer.raw(hop.peer.record)
  writer.attribute(LOG_RECORD.attributes, ATTR_URL_PATH, hop.path)
  writer.attribute(LOG_RECORD.attributes, ATTR_RESPONSE_TIME_MS, roundMillis(endedMillis - unit.startedMillis))
  unit.rolledUp?.tell(writer, putAttribute)
  if (hop.upstream !== undefined) writeUpstream(writer, unit, hop.upstream)
  writer.attribute(LOG_RECORD.attributes, ATTR_SEQ, seq)
  writeLogIds(writer, unit.ids, unit.traceFlags)
  writer.timeField(LOG_RECORD.observedTimeUnixNano, anchor, endedMillis)
}

function putAttribute(writer: ProtoWriter, key: string, value: AnyValue): void {
  writer.attribute(LOG_RECORD.attributes, key, value)
}

function writeUpstream(writer: ProtoWriter, unit: RequestUnit, { attempt, name, status }: WrittenUpstream): void {
  writer.attribute(LOG_RECORD.attributes, ATTR_RETRIES, 0)
  writer.attribute(LOG_RECORD.attributes, ATTR_UPSTREAM, name)
  writer.attribute(LOG_RECORD.attributes, ATTR_UPSTREAM_MS, roundMillis(upstreamMillis(attempt)))
  const routingMillis = attempt.startedMillis - unit.startedMillis
  writer.attribute(LOG_RECORD.attributes, ATTR_LB_ROUTING_MS, roundMillis(routingMillis))
  writer.attribute(LOG_RECORD.attributes, ATTR_UPSTREAM_TRIED, [name])
  writer.attribute(LOG_RECORD.attributes, ATTR_UPSTREAM_STATUSES, [status])
}
