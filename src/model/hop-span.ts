/**
 * The record of a load balancer's hop (`tracelog.lb.end`) -> its SERVER span: for load balancers that write lines and no spans.
 *
 * Everything of the span comes from the record, its ids too: the same record gives the same span, however often it is turned.
 */
import type { Attributes } from './any-value.ts'
import { type LogRecord, type Resource, timeOfRecord } from './log-record.ts'
import * as key from './semconv.ts'
import { SPAN_KIND, type SpanRecord, STATUS_CODE } from './span-record.ts'

/** W3C's sampled flag. */
const SAMPLED = 0x01
/** OTLP: "it is known whether the parent is remote", and it is. */
const REMOTE_PARENT = 0x300

/** Fields of the span, or of the record alone. */
const NOT_OF_THE_SPAN: ReadonlySet<string> = new Set([
  key.ATTR_PARENT_SPAN_ID,
  key.ATTR_LOG_RECORD_UID,
  key.ATTR_EVENT_NAME,
])

/**
 * @returns `undefined` for a record that is no hop of a load balancer, that has no ids, that nobody wanted a span of (not
 *   sampled), or whose sender has an SDK, which sends the span itself
 */
export function spanOfHop(record: LogRecord, { attributes: resource }: Resource): SpanRecord | undefined {
  const { attributes, traceId, spanId, traceFlags } = record
  if (record.eventName !== key.EVENT_LB_END || traceId === '' || spanId === '') return undefined
  if ((traceFlags & SAMPLED) === 0 || resource[key.ATTR_TELEMETRY_SDK_NAME] !== undefined) return undefined

  const parentSpanId = textOf(attributes[key.ATTR_PARENT_SPAN_ID])
  const endTimeUnixNano = timeOfRecord(record)
  return {
    traceId,
    spanId,
    parentSpanId,
    traceState: '',
    flags: parentSpanId === '' ? traceFlags : traceFlags | REMOTE_PARENT,
    name: nameOf(attributes),
    kind: SPAN_KIND.server,
    startTimeUnixNano: endTimeUnixNano - durationNano(attributes),
    endTimeUnixNano,
    attributes: Object.fromEntries(Object.entries(attributes).filter(([name]) => !NOT_OF_THE_SPAN.has(name))),
    droppedAttributesCount: record.droppedAttributesCount,
    events: [],
    droppedEventsCount: 0,
    links: [],
    droppedLinksCount: 0,
    statusCode: Number(attributes[key.ATTR_HTTP_RESPONSE_STATUS_CODE]) >= 500 ? STATUS_CODE.error : STATUS_CODE.unset,
    statusMessage: '',
  }
}

/** Never the path: a name must not differ from request to request. Source: semantic conventions, HTTP spans. */
function nameOf(attributes: Attributes): string {
  const method = textOf(attributes[key.ATTR_HTTP_REQUEST_METHOD])
  return method === '' || method === '_OTHER' ? 'HTTP' : method
}

function durationNano(attributes: Attributes): bigint {
  const millis = attributes[key.ATTR_RESPONSE_TIME_MS]
  return typeof millis === 'number' && millis > 0 ? BigInt(Math.round(millis * 1e6)) : 0n
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : ''
}
