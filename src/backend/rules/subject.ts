/**
 * A record or a span as rules see it, and the row that their queries are held against.
 */
import type { AnyValue } from '../../model/any-value.ts'
import type { InstrumentationScope, LogRecord, Resource } from '../../model/log-record.ts'
import { arrivedRow } from '../../model/log-row.ts'
import { ATTR_RESPONSE_TIME_MS } from '../../model/semconv.ts'
import { SEVERITY_ERROR, SEVERITY_INFO } from '../../model/severity.ts'
import { type SpanRecord, STATUS_CODE } from '../../model/span-record.ts'

interface Around {
  readonly resource: Resource
  readonly scope: InstrumentationScope
}

export interface LogSubject extends Around {
  readonly signal: 'logs'
  readonly item: LogRecord
}

export interface SpanSubject extends Around {
  readonly signal: 'spans'
  readonly item: SpanRecord
}

export type Subject = LogSubject | SpanSubject

/** As a query sees it: flat keys. */
export type SubjectRow = Readonly<Record<string, unknown>>

export function rowOf(subject: Subject): SubjectRow {
  if (subject.signal === 'logs') {
    return arrivedRow({ id: '', record: subject.item, resource: subject.resource, scope: subject.scope })
  }
  const { item: span, resource, scope } = subject
  const row = arrivedRow({ id: '', record: recordOfSpan(span), resource, scope })
  return { ...row, name: span.name, span_id: span.spanId, trace_id: span.traceId, parent_span_id: span.parentSpanId }
}

/** A span's name is its message, and a failed one counts as an error, as for stored spans (backend/query/filters/). */
function recordOfSpan(span: SpanRecord): LogRecord {
  const millis = Number(span.endTimeUnixNano - span.startTimeUnixNano) / 1e6
  const attributes: Record<string, AnyValue | undefined> = { ...span.attributes, [ATTR_RESPONSE_TIME_MS]: millis }
  return {
    timeUnixNano: span.startTimeUnixNano,
    observedTimeUnixNano: span.endTimeUnixNano,
    severityNumber: span.statusCode === STATUS_CODE.error ? SEVERITY_ERROR : SEVERITY_INFO,
    severityText: '',
    eventName: '',
    body: span.name,
    attributes,
    traceId: span.traceId,
    spanId: span.spanId,
    traceFlags: span.flags & 0xff,
    droppedAttributesCount: 0,
  }
}
