/** Requests of records and spans, for the rules. */
import type { Attributes } from '../../../src/model/any-value.ts'
import type { LogRecord } from '../../../src/model/log-record.ts'
import { logsToJson } from '../../../src/model/otlp-json.ts'
import { transcodeJson } from '../../../src/backend/receive/transcode-json.ts'

export interface OfService {
  readonly service: string
  readonly scope: string
  readonly records: readonly LogRecord[]
}

export function logsRequest(groups: readonly OfService[]): Uint8Array {
  const resources = groups.map(({ service, scope, records }) => ({
    resource: { attributes: { 'service.name': service } },
    scopes: [{ scope: { name: scope, version: '' }, records }],
  }))
  return transcodeJson('logs', Buffer.from(JSON.stringify(logsToJson(resources))))
}

export interface DrawnSpan {
  readonly name: string
  readonly millis: number
  readonly isError: boolean
  readonly eventAttributes: Attributes
}

export function tracesRequest(service: string, drawn: readonly DrawnSpan[]): Uint8Array {
  const value = (of: unknown): unknown => (typeof of === 'number' ? { intValue: of } : { stringValue: of })
  const attributes = (map: Attributes): unknown => Object.entries(map).map(([key, of]) => ({ key, value: value(of) }))
  const spans = drawn.map(({ name, millis, isError, eventAttributes }, index) => ({
    traceId: 'a'.repeat(32),
    spanId: `${index + 1}`.padStart(16, '0'),
    name,
    kind: 2,
    startTimeUnixNano: '1000000000',
    endTimeUnixNano: String(1_000_000_000 + millis * 1e6),
    status: { code: isError ? 2 : 0 },
    events: [{ timeUnixNano: '1', name: 'e', attributes: attributes(eventAttributes) }],
  }))
  const resourceSpans = [{ resource: { attributes: attributes({ 'service.name': service }) }, scopeSpans: [{ spans }] }]
  return transcodeJson('spans', Buffer.from(JSON.stringify({ resourceSpans })))
}
