/**
 * Stored rows in OTLP/JSON with every value's type as it came: an int is not a double, bytes are bytes.
 */
import type { TypedEntries, TypedValue } from '../../store/json-text.ts'
import type { StoredLog, StoredOrigin, StoredSpan } from './stored-rows.ts'

/** `resourceLogs` of an ExportLogsServiceRequest; rows that follow each other and share resource and scope are grouped. */
export function otlpLogs(logs: readonly StoredLog[]): unknown[] {
  return grouped(logs, 'scopeLogs', 'logRecords', otlpLog)
}

/** `resourceSpans` of an ExportTraceServiceRequest. */
export function otlpSpans(spans: readonly StoredSpan[]): unknown[] {
  return grouped(spans, 'scopeSpans', 'spans', otlpSpan)
}

function grouped<Row extends { readonly origin: StoredOrigin }>(
  rows: readonly Row[],
  scopesName: string,
  itemsName: string,
  write: (row: Row) => unknown,
): unknown[] {
  const groups: { origin: StoredOrigin; items: unknown[] }[] = []
  for (const row of rows) {
    const last = groups.at(-1)
    const isSame = last?.origin.resource === row.origin.resource && last.origin.scope === row.origin.scope
    if (isSame) last?.items.push(write(row))
    else groups.push({ origin: row.origin, items: [write(row)] })
  }
  return groups.map(({ origin, items }) => ({
    resource: { attributes: keyValues(origin.resourceTyped) },
    [scopesName]: [
      {
        scope: {
          name: origin.scope.name || undefined,
          version: origin.scope.version || undefined,
          attributes: origin.scopeTyped.length === 0 ? undefined : keyValues(origin.scopeTyped),
        },
        [itemsName]: items,
      },
    ],
  }))
}

function otlpLog({ record, typed, typedBody }: StoredLog): unknown {
  return {
    timeUnixNano: nano(record.timeUnixNano),
    observedTimeUnixNano: nano(record.observedTimeUnixNano),
    severityNumber: record.severityNumber || undefined,
    severityText: record.severityText || undefined,
    eventName: record.eventName || undefined,
    body: typedBody === undefined ? undefined : otlpValue(typedBody),
    attributes: keyValues(typed),
    droppedAttributesCount: record.droppedAttributesCount || undefined,
    flags: record.traceFlags || undefined,
    traceId: record.traceId || undefined,
    spanId: record.spanId || undefined,
  }
}

function otlpSpan({ span, typed, typedEvents, typedLinks }: StoredSpan): unknown {
  return {
    traceId: span.traceId,
    spanId: span.spanId,
    parentSpanId: span.parentSpanId || undefined,
    traceState: span.traceState || undefined,
    flags: span.flags || undefined,
    name: span.name,
    kind: span.kind,
    startTimeUnixNano: String(span.startTimeUnixNano),
    endTimeUnixNano: String(span.endTimeUnixNano),
    attributes: keyValues(typed),
    droppedAttributesCount: span.droppedAttributesCount || undefined,
    events: span.events.map((event, i) => ({
      timeUnixNano: String(event.timeUnixNano),
      name: event.name,
      attributes: keyValues(nested(typedEvents[i])),
      droppedAttributesCount: event.droppedAttributesCount || undefined,
    })),
    droppedEventsCount: span.droppedEventsCount || undefined,
    links: span.links.map((link, i) => ({
      traceId: link.traceId,
      spanId: link.spanId,
      traceState: link.traceState || undefined,
      flags: link.traceFlags || undefined,
      attributes: keyValues(nested(typedLinks[i])),
      droppedAttributesCount: link.droppedAttributesCount || undefined,
    })),
    droppedLinksCount: span.droppedLinksCount || undefined,
    status: { code: span.statusCode || undefined, message: span.statusMessage || undefined },
  }
}

function nested(entries: TypedEntries = []): TypedEntries {
  const attributes = entries.find(([name]) => name === 'attributes')?.[1]
  return attributes?.type === 'map' ? attributes.entries : []
}

function nano(time: bigint): string | undefined {
  return time === 0n ? undefined : String(time)
}

function keyValues(entries: TypedEntries): unknown[] {
  return entries.map(([key, value]) => ({ key, value: otlpValue(value) }))
}

function otlpValue(value: TypedValue): unknown {
  switch (value.type) {
    case 'string':
      return { stringValue: value.value }
    case 'int':
      return { intValue: String(value.value) }
    case 'double': {
      const isPlain = Number.isFinite(value.value) && !Object.is(value.value, -0)
      return { doubleValue: isPlain ? value.value : Object.is(value.value, -0) ? '-0' : String(value.value) }
    }
    case 'bool':
      return { boolValue: value.value }
    case 'bytes':
      return { bytesValue: Buffer.from(value.value).toString('base64') }
    case 'array':
      return { arrayValue: { values: value.values.map(otlpValue) } }
    case 'map':
      return { kvlistValue: { values: keyValues(value.entries) } }
    default:
      return {}
  }
}
