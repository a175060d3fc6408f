/**
 * The trace's ids as they stand in an application's own JSON lines: `,"trace_id":"...","span_id":"...","trace_flags":"01"`.
 */
import type { SpanContext } from '@opentelemetry/api'

let lastSpan: SpanContext | undefined
let lastKeys = ''

/** The same text for the same span: a request logs several lines. */
export function keysOfSpan(span: SpanContext): string {
  if (span !== lastSpan) {
    const flags = (span.traceFlags & 0xff).toString(16).padStart(2, '0')
    lastKeys = `,"trace_id":"${span.traceId}","span_id":"${span.spanId}","trace_flags":"${flags}"`
    lastSpan = span
  }
  return lastKeys
}
