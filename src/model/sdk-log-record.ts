/**
 * A log record as OpenTelemetry's SDK shows it to processors and exporters. Its own copy: the record it was made of never changes.
 */
import type { InstrumentationScope, LogRecord } from './log-record.ts'
import type { ReadWriteLogRecord, SdkAttributes, SdkResource, SdkSpanContext, SdkTime } from './sdk-types.ts'
import { hrTimeOf } from './time.ts'

/** What a processor may change. */
interface Fields {
  hrTime: SdkTime
  hrTimeObserved: SdkTime
  spanContext: SdkSpanContext | undefined
  severityNumber: number | undefined
  severityText: string | undefined
  body: unknown
  eventName: string | undefined
  droppedAttributesCount: number
}

export class SdkLogRecord implements ReadWriteLogRecord {
  readonly resource: SdkResource
  readonly instrumentationScope: InstrumentationScope
  readonly attributes: SdkAttributes
  readonly #fields: Fields
  #isReadonly = false

  constructor(record: LogRecord, scope: InstrumentationScope, resource: SdkResource) {
    this.resource = resource
    this.instrumentationScope = scope
    this.attributes = { ...record.attributes }
    this.#fields = fieldsOf(record)
  }

  get hrTime(): SdkTime {
    return this.#fields.hrTime
  }
  set hrTime(value: SdkTime) {
    this.#set('hrTime', value)
  }
  get hrTimeObserved(): SdkTime {
    return this.#fields.hrTimeObserved
  }
  set hrTimeObserved(value: SdkTime) {
    this.#set('hrTimeObserved', value)
  }
  get spanContext(): SdkSpanContext | undefined {
    return this.#fields.spanContext
  }
  set spanContext(value: SdkSpanContext | undefined) {
    this.#set('spanContext', value)
  }
  get severityNumber(): number | undefined {
    return this.#fields.severityNumber
  }
  set severityNumber(value: number | undefined) {
    this.#set('severityNumber', value)
  }
  get severityText(): string | undefined {
    return this.#fields.severityText
  }
  set severityText(value: string | undefined) {
    this.#set('severityText', value)
  }
  get body(): unknown {
    return this.#fields.body
  }
  set body(value: unknown) {
    this.#set('body', value)
  }
  get eventName(): string | undefined {
    return this.#fields.eventName
  }
  set eventName(value: string | undefined) {
    this.#set('eventName', value)
  }
  get droppedAttributesCount(): number {
    return this.#fields.droppedAttributesCount
  }
  set droppedAttributesCount(value: number) {
    this.#set('droppedAttributesCount', value)
  }

  setAttribute(key: string, value?: unknown): this {
    if (!this.#isReadonly) {
      Object.defineProperty(this.attributes, key, { value, enumerable: true, configurable: true, writable: true })
    }
    return this
  }

  setAttributes(attributes: object): this {
    for (const [key, value] of Object.entries(attributes)) this.setAttribute(key, value)
    return this
  }

  setBody(body: unknown): this {
    return this.#set('body', body)
  }

  setEventName(eventName: string): this {
    return this.#set('eventName', eventName)
  }

  setSeverityNumber(severityNumber: number): this {
    return this.#set('severityNumber', severityNumber)
  }

  setSeverityText(severityText: string): this {
    return this.#set('severityText', severityText)
  }

  /** From now on it is what has left: processors that keep it for later can read it only. */
  freeze(): void {
    this.#isReadonly = true
    Object.freeze(this.attributes)
  }

  #set<K extends keyof Fields>(field: K, value: Fields[K]): this {
    if (!this.#isReadonly) this.#fields[field] = value
    return this
  }
}

function fieldsOf(record: LogRecord): Fields {
  const { traceId, spanId, traceFlags, severityText, eventName } = record
  return {
    hrTime: hrTimeOf(record.timeUnixNano),
    hrTimeObserved: hrTimeOf(record.observedTimeUnixNano),
    spanContext: traceId === '' ? undefined : { traceId, spanId, traceFlags },
    severityNumber: record.severityNumber,
    severityText: severityText === '' ? undefined : severityText,
    body: record.body,
    eventName: eventName === '' ? undefined : eventName,
    droppedAttributesCount: record.droppedAttributesCount,
  }
}
