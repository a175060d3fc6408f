/**
 * The exporter `console`: one readable line per record and span on stdout, or flat JSON lines.
 *
 * For a person at a terminal; written at once, by this thread, beside what the application prints. Never through `console`, which
 * is captured.
 */
import { writeSync } from 'node:fs'

import { monotonicMillis } from '../diag/clock.ts'
import type { AnyValue, Attributes } from '../model/any-value.ts'
import { toFlatLine } from '../model/flat-line.ts'
import { type InstrumentationScope, type LogRecord, type Resource, timeOfRecord } from '../model/log-record.ts'
import { levelOfSeverity } from '../model/severity.ts'
import { STATUS_CODE, type SpanRecord } from '../model/span-record.ts'
import { formatTimestamp } from '../model/time.ts'
import { visibleBlock } from '../model/visible-text.ts'

export interface ConsoleSink {
  writeLog(record: LogRecord, scope: InstrumentationScope): void
  writeSpan(span: SpanRecord, scope: InstrumentationScope): void
}

export interface ConsoleSinkOptions {
  readonly format: 'text' | 'json'
  readonly resource: Resource
  /** Default: stdout. Gets whole lines; MUST NOT throw. */
  readonly write?: (text: string) => void
}

export function createConsoleSink({ format, resource, write = writeStdout }: ConsoleSinkOptions): ConsoleSink {
  if (format === 'json') {
    return {
      writeLog: (record, scope) => write(`${toFlatLine(record, resource, scope, { line: 'full' })}\n`),
      writeSpan: (span) => write(`${JSON.stringify(flatSpan(span, resource))}\n`),
    }
  }
  return {
    writeLog: (record, scope) => write(`${visibleBlock(textOfLog(record, scope))}\n`),
    writeSpan: (span) => write(`${visibleBlock(textOfSpan(span))}\n`),
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

/** All of it, also to a pipe that is full for a moment. */
function writeStdout(text: string): void {
  const bytes = Buffer.from(text)
  const giveUp = monotonicMillis() + 1000
  let written = 0
  while (written < bytes.length) {
    try {
      written += writeSync(1, bytes, written)
    } catch (error) {
      // A reader that is slow is waited for a little; one that is gone is not the application's concern.
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN' || monotonicMillis() > giveUp) return
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5)
    }
  }
}
