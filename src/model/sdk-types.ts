/**
 * What OpenTelemetry's SDK calls things: the interfaces that users' processors and exporters implement, and what these are given.
 *
 * Stated here and not imported, so that our types need no package that is not installed with us. Classes of the SDK fit them.
 */

/** Seconds and nanoseconds since the epoch, or of a duration. */
export type SdkTime = [seconds: number, nanos: number]

export interface SdkSpanContext {
  traceId: string
  spanId: string
  traceFlags: number
  isRemote?: boolean
  traceState?: SdkTraceState
}

export interface SdkTraceState {
  get(key: string): string | undefined
  set(key: string, value: string): SdkTraceState
  unset(key: string): SdkTraceState
  serialize(): string
}

export interface SdkResource {
  readonly attributes: SdkAttributes
}

/** Those of this process never change: the parts that wait for an asynchronous detector have nothing to do. */
export function sdkResourceOf({ attributes }: { readonly attributes: object }): SdkResource {
  return { attributes: { ...attributes } }
}

export interface SdkScope {
  readonly name: string
  readonly version?: string
}

/** Values as they stand in records: texts, numbers, booleans, bigints, null, bytes, lists and maps of them. */
export type SdkAttributes = Record<string, unknown>

/** A record on its way: what a processor changes in `onEmit` is what leaves. Afterwards it can only be read. */
export interface ReadWriteLogRecord {
  hrTime: SdkTime
  hrTimeObserved: SdkTime
  spanContext?: SdkSpanContext | undefined
  severityNumber?: number | undefined
  severityText?: string | undefined
  body?: unknown
  eventName?: string | undefined
  droppedAttributesCount: number
  readonly attributes: SdkAttributes
  readonly resource: SdkResource
  readonly instrumentationScope: SdkScope
  setAttribute(key: string, value?: unknown): ReadWriteLogRecord
  setAttributes(attributes: object): ReadWriteLogRecord
  setBody(body: unknown): ReadWriteLogRecord
  setEventName(eventName: string): ReadWriteLogRecord
  setSeverityNumber(severityNumber: number): ReadWriteLogRecord
  setSeverityText(severityText: string): ReadWriteLogRecord
}

/** A span that has ended. */
export interface ReadableSpan {
  readonly name: string
  /** The API's SpanKind: 0 INTERNAL to 4 CONSUMER. */
  readonly kind: number
  readonly spanContext: () => SdkSpanContext
  readonly parentSpanContext?: SdkSpanContext | undefined
  readonly startTime: SdkTime
  readonly endTime: SdkTime
  readonly duration: SdkTime
  readonly ended: boolean
  readonly status: { code: number; message?: string }
  readonly attributes: SdkAttributes
  readonly events: readonly SdkEvent[]
  readonly links: readonly SdkLink[]
  readonly resource: SdkResource
  readonly instrumentationScope: SdkScope
  readonly droppedAttributesCount: number
  readonly droppedEventsCount: number
  readonly droppedLinksCount: number
}

export interface SdkEvent {
  time: SdkTime
  name: string
  attributes?: SdkAttributes
  droppedAttributesCount?: number
}

export interface SdkLink {
  context: SdkSpanContext
  attributes?: SdkAttributes
  droppedAttributesCount?: number
}

export interface SdkExportResult {
  /** 0: done. */
  readonly code: number
  readonly error?: unknown
}

/** The SDK's LogRecordExporter and SpanExporter; which of the two it is, its user knows. */
export interface SdkExporter {
  export(items: object[], done: (result: SdkExportResult) => void): void
  shutdown(): Promise<void>
}
