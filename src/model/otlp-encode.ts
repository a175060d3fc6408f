/**
 * How does a record become bytes? Each is encoded once, at emit, straight into a chunk; queue, worker and spool move bytes.
 *
 * A chunk is the records back to back, each as it stands in its ScopeLogs or ScopeSpans: `0x12 length record`. Both
 * signals have the same shape, so otlp-request.ts makes either request of such chunks. A record that cannot be encoded
 * never damages its neighbours: the chunk goes back to the record's start, then its repaired form is written (values
 * converted and cut, record-limits.ts), and if even that fails a record that says so.
 */
import { allocateBytes, writeHex } from './bytes.ts'
import { safeMessage } from './js-object.ts'
import { type LogRecord, MAX_RECORD_BYTES } from './log-record.ts'
import { ProtoWriter } from './proto-writer.ts'
import { MAX_SPAN_BYTES, repairLog, repairSpan } from './record-limits.ts'
import { ATTR_ENCODE_ERROR, ATTR_FOREIGN_SPAN_ID, ATTR_FOREIGN_TRACE_ID, ATTR_SEQ, ATTR_TRUNCATED } from './semconv.ts'
import type { SpanEvent, SpanLink, SpanRecord } from './span-record.ts'

export interface OtlpEncoderOptions {
  /** First size of a chunk's memory; it grows when a chunk is not taken in time. Bytes; default 262,144. */
  readonly chunkBytes?: number
  /** Told of each record that had to be repaired; MUST NOT throw. Default: nobody. */
  readonly onRepair?: (reason: unknown) => void
}

/** Of what an error says of itself. Characters. */
const MAX_ERROR = 1024
/** `log_records` of ScopeLogs and `spans` of ScopeSpans: field 2, length-delimited. */
const RECORD = 0x12
/** Room for a record's length: up to 2 MiB. */
const LENGTH_BYTES = 3

/** LogRecord's fields as one-byte tags (opentelemetry.proto.logs.v1). */
const LOG_TIME = 0x09
const LOG_SEVERITY_NUMBER = 0x10
const LOG_SEVERITY_TEXT = 0x1a
const LOG_BODY = 0x2a
const LOG_ATTRIBUTES = 0x32
const LOG_DROPPED_ATTRIBUTES = 0x38
const LOG_FLAGS = 0x45
const LOG_TRACE_ID = 0x4a
const LOG_SPAN_ID = 0x52
const LOG_OBSERVED_TIME = 0x59
const LOG_EVENT_NAME = 0x62

/** Span's fields (opentelemetry.proto.trace.v1). */
const SPAN_TRACE_ID = 0x0a
const SPAN_SPAN_ID = 0x12
const SPAN_TRACE_STATE = 0x1a
const SPAN_PARENT_SPAN_ID = 0x22
const SPAN_NAME = 0x2a
const SPAN_KIND_TAG = 0x30
const SPAN_START_TIME = 0x39
const SPAN_END_TIME = 0x41
const SPAN_ATTRIBUTES = 0x4a
const SPAN_DROPPED_ATTRIBUTES = 0x50
const SPAN_EVENTS = 0x5a
const SPAN_DROPPED_EVENTS = 0x60
const SPAN_LINKS = 0x6a
const SPAN_DROPPED_LINKS = 0x70
const SPAN_STATUS = 0x7a
/** Field 16, fixed32: the one tag of two bytes, 0x85 0x01. */
const SPAN_FLAGS = [0x85, 0x01] as const

const EVENT_TIME = 0x09
const EVENT_NAME = 0x12
const EVENT_ATTRIBUTES = 0x1a
const EVENT_DROPPED_ATTRIBUTES = 0x20

const LINK_TRACE_ID = 0x0a
const LINK_SPAN_ID = 0x12
const LINK_TRACE_STATE = 0x1a
const LINK_ATTRIBUTES = 0x22
const LINK_DROPPED_ATTRIBUTES = 0x28
const LINK_FLAGS = 0x35

const STATUS_MESSAGE = 0x12
const STATUS_CODE_TAG = 0x18

/** flags, trace id and span id with their tags. */
const LOG_CONTEXT_BYTES = 5 + 18 + 10

/** Either case; what is not hex is another system's id. */
const HEX_ID = /^(?:[0-9a-fA-F]{16}){1,2}$/

/** Encodes records and spans into chunks. Appending never throws. */
export class OtlpEncoder {
  readonly #writer: ProtoWriter
  readonly #chunkBytes: number
  readonly #onRepair: (reason: unknown) => void
  #count = 0
  // The span context of the last record: most records of a request share it.
  #traceId = ''
  #spanId = ''
  #flags = 0
  #contextLength = 0
  readonly #context = new Uint8Array(LOG_CONTEXT_BYTES)

  constructor(options: OtlpEncoderOptions = {}) {
    const { chunkBytes = 262_144, onRepair = () => {} } = options
    this.#writer = new ProtoWriter(0)
    this.#chunkBytes = chunkBytes
    this.#onRepair = onRepair
  }

  /** Bytes of the chunk so far. */
  get byteLength(): number {
    return this.#writer.pos
  }

  /** Records and spans in the chunk so far. */
  get count(): number {
    return this.#count
  }

  /**
   * @param seq  written as `tracelog.seq`; left out when negative
   * @returns bytes added
   */
  appendLog(record: LogRecord, seq = -1): number {
    const start = this.#begin()
    try {
      this.#log(record, seq)
      if (this.#writer.pos - start > MAX_RECORD_BYTES) throw new RangeError('record is larger than 32 KiB')
    } catch (error) {
      this.#repair(start, error, () => {
        try {
          this.#log(repairLog(record), seq)
        } catch (again) {
          this.#writer.pos = start
          this.#marked(again)
        }
      })
    }
    this.#count++
    return this.#writer.pos - start
  }

  /** @returns bytes added; 0 for a span that has not even ids and times: lost, and told to `onRepair` */
  appendSpan(span: SpanRecord): number {
    const start = this.#begin()
    try {
      this.#span(span)
      if (this.#writer.pos - start > MAX_SPAN_BYTES) throw new RangeError('span is larger than 128 KiB')
    } catch (error) {
      this.#repair(start, error, () => this.#span(repairSpan(span)))
    }
    if (this.#writer.pos > start) this.#count++
    return this.#writer.pos - start
  }

  /** Hands the chunk over, in memory that nobody else holds, and begins the next one. */
  take(): Uint8Array<ArrayBuffer> {
    const { bytes, pos } = this.#writer
    this.#count = 0
    this.#writer.pos = 0
    // A small chunk is copied into memory of its own size: one late record must not hold a quarter of a megabyte.
    if (pos * 4 < bytes.length) return new Uint8Array(bytes.subarray(0, pos))
    this.#writer.replace(new Uint8Array(0))
    return bytes.subarray(0, pos)
  }

  #begin(): number {
    const writer = this.#writer
    if (writer.bytes.length === 0) {
      writer.replace(allocateBytes(this.#chunkBytes))
    }
    return writer.pos
  }

  #repair(start: number, reason: unknown, again: () => void): void {
    this.#onRepair(reason)
    this.#writer.pos = start
    try {
      again()
    } catch (error) {
      this.#writer.pos = start
      this.#onRepair(error)
    }
  }

  /** Says that a record was here. */
  #marked(error: unknown): void {
    const writer = this.#writer
    const at = writer.begin(RECORD, LENGTH_BYTES)
    writer.valueField(LOG_BODY, 'tracelog: a record could not be encoded')
    writer.attribute(LOG_ATTRIBUTES, ATTR_ENCODE_ERROR, safeMessage(error).slice(0, MAX_ERROR))
    writer.attribute(LOG_ATTRIBUTES, ATTR_TRUNCATED, true)
    writer.end(at, LENGTH_BYTES)
  }

  #log(record: LogRecord, seq: number): void {
    const writer = this.#writer
    const at = writer.begin(RECORD, LENGTH_BYTES)
    const { severityNumber, severityText, body, eventName, droppedAttributesCount, traceId } = record
    if (record.timeUnixNano !== 0n) writer.fixed64Field(LOG_TIME, record.timeUnixNano)
    if (severityNumber !== 0) writer.varintField(LOG_SEVERITY_NUMBER, severityNumber)
    if (severityText !== '') writer.textField(LOG_SEVERITY_TEXT, severityText)
    if (body !== undefined) writer.valueField(LOG_BODY, body)
    writer.attributes(LOG_ATTRIBUTES, record.attributes)
    if (seq >= 0) writer.attribute(LOG_ATTRIBUTES, ATTR_SEQ, seq)
    if (droppedAttributesCount > 0) writer.varintField(LOG_DROPPED_ATTRIBUTES, droppedAttributesCount)
    if (traceId !== '' || record.spanId !== '' || record.traceFlags !== 0) this.#logContext(record)
    writer.fixed64Field(LOG_OBSERVED_TIME, record.observedTimeUnixNano)
    if (eventName !== '') writer.textField(LOG_EVENT_NAME, eventName)
    writer.end(at, LENGTH_BYTES)
  }

  #logContext(record: LogRecord): void {
    const writer = this.#writer
    const { traceId, spanId, traceFlags } = record
    if (traceId !== this.#traceId || spanId !== this.#spanId || traceFlags !== this.#flags) this.#cacheContext(record)
    const { bytes } = writer
    const context = this.#context
    const length = this.#contextLength
    if (length === LOG_CONTEXT_BYTES && writer.pos + LOG_CONTEXT_BYTES <= bytes.length) {
      let p = writer.pos
      for (let i = 0; i < LOG_CONTEXT_BYTES; i++) bytes[p++] = context[i] as number
      writer.pos = p
      return
    }
    writer.raw(context.subarray(0, length))
    // Another system's id is kept, as text.
    if (traceId !== '' && !HEX_ID.test(traceId)) writer.attribute(LOG_ATTRIBUTES, ATTR_FOREIGN_TRACE_ID, traceId)
    if (spanId !== '' && !HEX_ID.test(spanId)) writer.attribute(LOG_ATTRIBUTES, ATTR_FOREIGN_SPAN_ID, spanId)
  }

  #cacheContext({ traceId, spanId, traceFlags }: LogRecord): void {
    const context = this.#context
    context[0] = LOG_FLAGS
    context[1] = traceFlags
    context[2] = context[3] = context[4] = 0
    let p = 5
    context[p] = LOG_TRACE_ID
    context[p + 1] = 16
    if (writeHex(context, p + 2, traceId, 16)) p += 18
    context[p] = LOG_SPAN_ID
    context[p + 1] = 8
    if (writeHex(context, p + 2, spanId, 8)) p += 10
    this.#contextLength = p
    this.#traceId = traceId
    this.#spanId = spanId
    this.#flags = traceFlags
  }

  #span(span: SpanRecord): void {
    const writer = this.#writer
    const at = writer.begin(RECORD, LENGTH_BYTES)
    this.#idField(SPAN_TRACE_ID, span.traceId, 16)
    this.#idField(SPAN_SPAN_ID, span.spanId, 8)
    if (span.traceState !== '') writer.textField(SPAN_TRACE_STATE, span.traceState)
    if (span.parentSpanId !== '') this.#idField(SPAN_PARENT_SPAN_ID, span.parentSpanId, 8)
    if (span.name !== '') writer.textField(SPAN_NAME, span.name)
    if (span.kind !== 0) writer.varintField(SPAN_KIND_TAG, span.kind)
    writer.fixed64Field(SPAN_START_TIME, span.startTimeUnixNano)
    writer.fixed64Field(SPAN_END_TIME, span.endTimeUnixNano)
    writer.attributes(SPAN_ATTRIBUTES, span.attributes)
    if (span.droppedAttributesCount > 0) writer.varintField(SPAN_DROPPED_ATTRIBUTES, span.droppedAttributesCount)
    for (const event of span.events) this.#spanEvent(event)
    if (span.droppedEventsCount > 0) writer.varintField(SPAN_DROPPED_EVENTS, span.droppedEventsCount)
    for (const link of span.links) this.#spanLink(link)
    this.#spanTail(span)
    writer.end(at, LENGTH_BYTES)
  }

  #spanTail(span: SpanRecord): void {
    const writer = this.#writer
    if (span.droppedLinksCount > 0) writer.varintField(SPAN_DROPPED_LINKS, span.droppedLinksCount)
    if (span.statusCode !== 0 || span.statusMessage !== '') {
      const at = writer.begin(SPAN_STATUS, LENGTH_BYTES)
      if (span.statusMessage !== '') writer.textField(STATUS_MESSAGE, span.statusMessage)
      if (span.statusCode !== 0) writer.varintField(STATUS_CODE_TAG, span.statusCode)
      writer.end(at, LENGTH_BYTES)
    }
    if (span.flags !== 0) {
      writer.ensure(1)
      writer.bytes[writer.pos++] = SPAN_FLAGS[0]
      writer.fixed32Field(SPAN_FLAGS[1], span.flags)
    }
  }

  #spanEvent(event: SpanEvent): void {
    const writer = this.#writer
    const at = writer.begin(SPAN_EVENTS, LENGTH_BYTES)
    writer.fixed64Field(EVENT_TIME, event.timeUnixNano)
    if (event.name !== '') writer.textField(EVENT_NAME, event.name)
    writer.attributes(EVENT_ATTRIBUTES, event.attributes)
    if (event.droppedAttributesCount > 0) writer.varintField(EVENT_DROPPED_ATTRIBUTES, event.droppedAttributesCount)
    writer.end(at, LENGTH_BYTES)
  }

  #spanLink(link: SpanLink): void {
    const writer = this.#writer
    const at = writer.begin(SPAN_LINKS, LENGTH_BYTES)
    this.#idField(LINK_TRACE_ID, link.traceId, 16)
    this.#idField(LINK_SPAN_ID, link.spanId, 8)
    if (link.traceState !== '') writer.textField(LINK_TRACE_STATE, link.traceState)
    writer.attributes(LINK_ATTRIBUTES, link.attributes)
    if (link.droppedAttributesCount > 0) writer.varintField(LINK_DROPPED_ATTRIBUTES, link.droppedAttributesCount)
    if (link.traceFlags !== 0) writer.fixed32Field(LINK_FLAGS, link.traceFlags)
    writer.end(at, LENGTH_BYTES)
  }

  /** An id that is not hex is left out: a span without ids is refused by receivers, and so is one with wrong ids. */
  #idField(tag: number, id: string, length: number): void {
    const writer = this.#writer
    writer.ensure(length + 2)
    writer.bytes[writer.pos] = tag
    writer.bytes[writer.pos + 1] = length
    if (writeHex(writer.bytes, writer.pos + 2, id, length)) writer.pos += length + 2
  }
}
