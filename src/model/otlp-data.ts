/**
 * What a decoded OTLP request is, whatever it was sent as: records grouped by resource and scope.
 */
import type { InstrumentationScope, LogRecord, Resource } from './log-record.ts'
import type { SpanRecord } from './span-record.ts'

export interface ScopeLogs {
  readonly scope: InstrumentationScope
  readonly records: readonly LogRecord[]
}

/** One element of ExportLogsServiceRequest (or of LogsData, which has the same shape). */
export interface ResourceLogs {
  readonly resource: Resource
  readonly scopes: readonly ScopeLogs[]
}

export interface ScopeSpans {
  readonly scope: InstrumentationScope
  readonly spans: readonly SpanRecord[]
}

/** One element of ExportTraceServiceRequest (or of TracesData). */
export interface ResourceSpans {
  readonly resource: Resource
  readonly scopes: readonly ScopeSpans[]
}

/** The one error that reading a request throws: the sender's fault, to be answered with 400. */
export class OtlpDecodeError extends Error {
  override readonly name = 'OtlpDecodeError'
}

/** Levels of nesting of an AnyValue before a request is refused. */
export const MAX_NESTING = 32

export const NO_SCOPE: InstrumentationScope = { name: '', version: '' }
export const NO_RESOURCE: Resource = { attributes: {} }
