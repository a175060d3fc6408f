/**
 * A record from what Loki kept of it: names and types that are known come back, all else is text under its folded name.
 *
 * Not to be had back, because Loki does not keep it: empty values, null, whether a body was text, the scope's own attributes
 * apart from the record's (collector/FIDELITY.md is the measured list).
 */
import { setField, type AnyValue, type Attributes } from '../../model/any-value.ts'
import { toLogRow } from '../../model/log-row.ts'
import type { InstrumentationScope, LogRecord } from '../../model/log-record.ts'
import type { LogRow } from '../../model/api.ts'
import * as key from '../../model/semconv.ts'
import { severityOf } from '../../model/severity.ts'
import { isSpanId, isTraceId } from '../../model/trace-context.ts'
import { knownName, resourceName, restoreValue } from './known-names.ts'
import type { LokiEntry } from './loki-client.ts'

export interface ReadRecord {
  readonly record: LogRecord
  readonly resource: Attributes
  readonly scope: InstrumentationScope
  readonly service: string
}

/** Names under which Loki keeps the record's own fields. Source: Loki 3.7, pkg/loghttp/push/otlp.go. */
const FIELDS = {
  observed: 'observed_timestamp',
  severityNumber: 'severity_number',
  severityText: 'severity_text',
  traceId: 'trace_id',
  spanId: 'span_id',
  flags: 'flags',
  dropped: 'dropped_attributes_count',
  scopeName: 'scope_name',
  scopeVersion: 'scope_version',
  /** Copied there by the Collector: Loki drops the name itself. */
  eventName: 'event_name',
  /** Loki's own guess. */
  detectedLevel: 'detected_level',
  service: 'service_name',
} as const
const FIELD_NAMES: ReadonlySet<string> = new Set(Object.values(FIELDS))

export function readEntry({ time, line, fields }: LokiEntry): ReadRecord {
  const field = (name: keyof typeof FIELDS): string => fields[FIELDS[name]] ?? ''
  const { attributes, resource } = sortedFields(fields)
  const traceId = idOf(field('traceId'), isTraceId, { attributes, foreign: key.ATTR_FOREIGN_TRACE_ID })
  const spanId = idOf(field('spanId'), isSpanId, { attributes, foreign: key.ATTR_FOREIGN_SPAN_ID })
  const eventName = field('eventName')
  const service = field('service')
  const record = {
    timeUnixNano: time,
    observedTimeUnixNano: /^\d{1,20}$/.test(field('observed')) ? BigInt(field('observed')) : time,
    severityNumber: severityOf(countOf(field('severityNumber'), 24), field('severityText')),
    severityText: field('severityText'),
    eventName,
    // No body and an empty one look the same; a completion record without one is told by its event.
    body: line === '' && eventName !== '' ? undefined : line,
    attributes,
    traceId,
    spanId,
    traceFlags: countOf(field('flags'), 0xffff_ffff) & 0xff,
    droppedAttributesCount: countOf(field('dropped'), 0xffff_ffff),
  }
  const scope = { name: field('scopeName'), version: field('scopeVersion') }
  return { record, resource, scope, service: service === '' ? 'unknown_service' : service }
}

export function entryId({ time, hash }: LokiEntry): string {
  return `${time}-${hash}`
}

export function entryRow(entry: LokiEntry): LogRow {
  const { record, resource, scope, service } = readEntry(entry)
  const { timeUnixNano: time, observedTimeUnixNano: observed } = record
  return toLogRow({ id: entryId(entry), time, observed, record, resource: { attributes: resource }, service, scope })
}

/** The row with what a query can ask for and a row does not show. */
export function matchedFields(entry: LokiEntry, row: LogRow): Readonly<Record<string, unknown>> {
  const severityText = entry.fields[FIELDS.severityText]
  return severityText === undefined ? row : { ...row, severity_text: severityText }
}

function sortedFields(fields: LokiEntry['fields']): {
  readonly attributes: Record<string, AnyValue>
  readonly resource: Record<string, AnyValue>
} {
  const attributes: Record<string, AnyValue> = {}
  const resource: Record<string, AnyValue> = {}
  for (const [name, text] of Object.entries(fields)) {
    const ofResource = resourceName(name)
    if (ofResource !== undefined) setField(resource, ofResource, text)
    else if (!FIELD_NAMES.has(name)) {
      const known = knownName(name)
      if (known === undefined) setField(attributes, name, text)
      else setField(attributes, known.attribute, restoreValue(known.kind, text))
    }
  }
  return { attributes, resource }
}

/** An id that is not W3C's is kept as text: an attribute of the same name took its place, or another system wrote it. */
function idOf(
  text: string,
  isValid: (id: string) => boolean,
  kept: { readonly attributes: Record<string, AnyValue>; readonly foreign: string },
): string {
  if (text === '' || isValid(text)) return text
  kept.attributes[kept.foreign] ??= text
  return ''
}

function countOf(text: string, max: number): number {
  const count = /^\d{1,10}$/.test(text) ? Number(text) : 0
  return count <= max ? count : 0
}
