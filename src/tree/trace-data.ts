/**
 * What a tree is built from: the records and spans of one trace, each with who sent it.
 */
import type { AnyValue, Attributes } from '../model/any-value.ts'
import { type InstrumentationScope, type LogRecord, timeOfRecord } from '../model/log-record.ts'
import { ATTR_HOST_NAME, ATTR_SERVICE_INSTANCE_ID, ATTR_SERVICE_NAME } from '../model/semconv.ts'
import type { SpanRecord } from '../model/span-record.ts'

/** Who sent it: clocks are compared per instance. */
export interface Sender {
  readonly service: string
  /** `service.instance.id`; `''` when unknown. */
  readonly instance: string
  /** `host.id`, else `host.name`: senders of one host have one clock. */
  readonly host?: string | undefined
}

/** The sender that a resource names. @param unknown  for one without a service name */
export function senderOf(resource: Attributes, unknown: string = ''): Sender {
  const service = resource[ATTR_SERVICE_NAME]
  const instance = resource[ATTR_SERVICE_INSTANCE_ID]
  return {
    service: typeof service === 'string' ? service : unknown,
    instance: typeof instance === 'string' ? instance : '',
    host: text(resource['host.id']) ?? text(resource[ATTR_HOST_NAME]),
  }
}

function text(value: AnyValue | undefined): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
}

export interface TraceLog extends Sender {
  /** The row's number in the store, as text: order of acknowledgement. */
  readonly id: string
  readonly record: LogRecord
  readonly scope: InstrumentationScope
}

export interface TraceSpan extends Sender {
  readonly span: SpanRecord
}

/** Everything stored of one trace, in any order. */
export interface TraceData {
  /** 32 lowercase hex digits. */
  readonly traceId: string
  readonly logs: readonly TraceLog[]
  readonly spans: readonly TraceSpan[]
}

/** When a record happened: its own time, else when it was seen. Nanoseconds since the epoch. */
export function timeOf({ record }: TraceLog): bigint {
  return timeOfRecord(record)
}

/** False where nobody said. */
export function isSameHost(a: Sender, b: Sender): boolean {
  return a.host !== undefined && a.host === b.host
}

/** What tells senders apart. */
export function senderKey({ service, instance }: Sender): string {
  return `${service} ${instance}`
}
