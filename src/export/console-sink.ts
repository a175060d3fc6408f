/**
 * The exporter `console`: one readable line per record and span on stdout, or flat JSON lines.
 *
 * For a person at a terminal; written by this thread, beside what the application prints (stdout-lines.ts). Never through `console`, which
 * is captured.
 */
import type { AnyValue, Attributes } from '../model/any-value.ts'
import { toFlatLine } from '../model/flat-line.ts'
import { type InstrumentationScope, type LogRecord, type Resource, timeOfRecord } from '../model/log-record.ts'
import { levelOfSeverity } from '../model/severity.ts'
import { STATUS_CODE, type SpanRecord } from '../model/span-record.ts'
import { formatTimestamp } from '../model/time.ts'
import { visibleBlock } from '../model/visible-text.ts'
import type { StdoutLines } from './stdout-lines.ts'
import type { Signal } from '../model/signal.ts'

export interface ConsoleSink {
  writeLog(record: LogRecord, scope: InstrumentationScope, seq: number): void
  writeSpan(span: SpanRecord, scope: InstrumentationScope, seq: number): void
  /** Lines that are neither written nor lost. */
  count(signal: Signal): number
  /** The process ends: what is not written within so many milliseconds is lost. */
  drain(millis: number): void
}

export interface ConsoleSinkOptions {
  readonly format: 'text' | 'json'
  readonly resource: Resource
  readonly lines: Pick<StdoutLines, 'write' | 'count' | 'drain'>
}

export function createConsoleSink({ format, resource, lines }: ConsoleSinkOptions): ConsoleSink {
  const isJson = format === 'json'
  return {
    writeLog: (record, scope, seq) => {
      const line = isJson
        ? toFlatLine(record, resource, scope, { line: 'full' })
        : visibleBlock(textOfLog(record, scope))
      lines.write({ signal: 'logs', seq }, `${line}\n`)
    },
    writeSpan: (span, _scope, seq) => {
      const line = isJson ? JSON.stringify(flatSpan(span, resource)) : visibleBlock(textOfSpan(span))
      lines.write({ signal: 'spans', seq }, `${line}\n`)
    },
    count: (signal) => lines.count(signal),
    drain: (millis) => lines.drain(millis),
  }
}

/** `2026-11-21T01:02:03.004Z WARN  slow query [db] ms=1200 trace=4bf9...` and the stack below. */
function textOfLog(record: LogRecord, scope: InstrumentationScope): string {
  const { 'exception.stacktrace': stack, ...attributes } = record.attributes
  const parts = [
    formatTimestamp(timeOfRecord(record)),
    levelOfSeverity(record.severityNumber === 0 ? 9 : record.severityNumber).padEnd(5),
    record.body === undefined ? record.eventName : textOf(record.body),
    ...(scope.name === '' ? [] : [`[${scope.name}]`]),
    ...pairs(attributes),
    ...(record.traceId === '' ? [] : [`trace=${record.traceId}`]),
  ]
  const line = parts.join(' ')
  return typeof stack === 'string' ? `${line}\n${stack}` : line
}

/** `2026-11-21T01:02:03.004Z SPAN  GET /cart 12.5ms error http.response.status_code=500 trace=4bf9...` */
function textOfSpan(span: SpanRecord): string {
  const millis = Number(span.endTimeUnixNano - span.startTimeUnixNano) / 1e6
  return [
    formatTimestamp(span.startTimeUnixNano),
    'SPAN ',
    span.name,
    `${Math.round(millis * 1000) / 1000}ms`,
    ...(span.statusCode === STATUS_CODE.error ? ['error'] : []),
    ...pairs(span.attributes),
    `trace=${span.traceId}`,
  ].join(' ')
}

function flatSpan(span: SpanRecord, resource: Resource): object {
  return {
    timestamp: formatTimestamp(span.startTimeUnixNano),
    trace_id: span.traceId,
    span_id: span.spanId,
    ...(span.parentSpanId === '' ? {} : { parent_span_id: span.parentSpanId }),
    service: resource.attributes['service.name'],
    span: span.name,
    duration_ms: Number(span.endTimeUnixNano - span.startTimeUnixNano) / 1e6,
    error: span.statusCode === STATUS_CODE.error,
    ...Object.fromEntries(Object.entries(span.attributes).map(([key, value]) => [key, plain(value)])),
  }
}

function pairs(attributes: Attributes): string[] {
  return Object.entries(attributes).flatMap(([key, value]) => (value === undefined ? [] : [`${key}=${textOf(value)}`]))
}

function textOf(value: AnyValue): string {
  return typeof value === 'string' ? value : (JSON.stringify(value, (_key, inner: AnyValue) => plain(inner)) ?? '')
}

function plain(value: AnyValue | undefined): unknown {
  if (typeof value === 'bigint') return String(value)
  return value instanceof Uint8Array ? Buffer.from(value).toString('base64') : value
}
