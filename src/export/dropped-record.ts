/**
 * The record that tells the backend of records it will never get (event `tracelog.dropped`; spec: pipeline, "Told, never silent").
 */
import type { Attributes } from '../model/any-value.ts'
import type { InstrumentationScope, LogRecord } from '../model/log-record.ts'
import { EVENT_DROPPED } from '../model/semconv.ts'
import { SEVERITY_WARN } from '../model/severity.ts'

/** What tracelog says of itself comes from this scope. */
export const OWN_SCOPE: InstrumentationScope = { name: 'tracelog', version: '' }

/** @param attributes  from `DropLedger.takeDue` */
export function droppedRecord(attributes: Attributes, nowUnixNano: bigint): LogRecord {
  return {
    timeUnixNano: nowUnixNano,
    observedTimeUnixNano: nowUnixNano,
    severityNumber: SEVERITY_WARN,
    severityText: 'WARN',
    eventName: EVENT_DROPPED,
    body: 'tracelog: records were dropped',
    attributes,
    traceId: '',
    spanId: '',
    traceFlags: 0,
    droppedAttributesCount: 0,
  }
}
