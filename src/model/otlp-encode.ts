/**
 * How does a record become bytes? Each is encoded once, at emit, straight into a chunk; queue, worker and spool move bytes.
 *
 * A chunk is the records back to back, each as it stands in its ScopeLogs or ScopeSpans: tag, length, record. Both
 * signals have the same shape, so otlp-request.ts makes either request of such chunks. A record that cannot be encoded
 * never damages its neighbours: the chunk goes back to the record's start, then its repaired form is written (values
 * converted and cut, record-limits.ts), and if even that fails a record that says so.
 */
import { allocateBytes, writeHex } from './bytes.ts'
import { safeMessage } from './js-object.ts'
import { LogContextBytes } from './log-context-bytes.ts'
import { type LogRecord, MAX_RECORD_BYTES } from './log-record.ts'
import { LOG_RECORD, SCOPE_ITEMS, SPAN, SPAN_EVENT, SPAN_LINK, STATUS } from './otlp-schema.ts'
import { ProtoWriter } from './proto-writer.ts'
import { writeSpanFlags } from './record-fields.ts'
import { MAX_SPAN_BYTES, repairLog, repairSpan } from './record-limits.ts'
import { ATTR_ENCODE_ERROR, ATTR_SEQ, ATTR_THREAD_ID, ATTR_TRUNCATED } from './semconv.ts'
import type { SpanEvent, SpanLink, SpanRecord } from './span-record.ts'

export interface OtlpEncoderOptions {
  /** First size of a chunk's memory; it grows when a chunk is not taken in time. Bytes; default 262,144. */
  readonly chunkBytes?: number
  /** Where a chunk's memory comes from. Default: it is allocated. */
  readonly memory?: () => Uint8Array<ArrayBuffer>
  /** Told of each record that had to be repaired; MUST NOT throw. Default: nobody. */
  readonly onRepair?: (reason: unknown) => void
  /** Written into each log record as `thread.id`. Default: nothing is. */
  readonly threadId?: number
}

/**
 * Writes the fields of one LogRecord or Span, straight to bytes; tag and length are written for it. A throw takes all of it back.
 *
 * @param seq  of a log record: to be written as `tracelog.seq`
 */
export type WriteFields<T> = (writer: ProtoWriter, subject: T, seq: number) => void

/** Of what an error says of itself. Characters. */
const MAX_ERROR = 1024
/** Room for a record's length: up to 2 MiB. */
const LENGTH_BYTES = 3

/** In place of a chunk that was handed over. Of the class of all chunks (`bytesOver`). */
const NO_BYTES = allocateBytes(0)

/** Encodes records and spans into chunks. Appending never throws. */
export class OtlpEncoder {
  readonly #writer: ProtoWriter
  readonly #memory: () => Uint8Array<ArrayBuffer>
  readonly #onRepair: (reason: unknown) => void
  readonly #threadId: number
  #count = 0
  readonly #context = new LogContextBytes()

  constructor(options: OtlpEncoderOptions = {}) {
    const { chunkBytes = 262_144, onRepair = () => {}, threadId = 0 } = options
    const { memory = () => allocateBytes(chunkBytes) } = options
    this.#writer = new ProtoWriter(0)
    this.#memory = memory
    this.#onRepair = onRepair
    this.#threadId = threadId
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

  /**
   * Appends one record whose fields somebody else writes, straight to bytes.
   *
   * @returns bytes added; 0: the writer failed, wrote nothing, or more than `appendLog` would let stand. Nothing of it is left
   */
  append<T>(subject: T, write: WriteFields<T>, seq: number): number {
    const writer = this.#writer
    const start = this.#begin()
    try {
      const at = writer.begin(SCOPE_ITEMS.items, LENGTH_BYTES)
      write(writer, subject, seq)
      if (writer.pos - start > MAX_RECORD_BYTES || writer.pos === at + LENGTH_BYTES) {
        writer.pos = start
        return 0
      }
      if (this.#threadId > 0) writer.attribute(LOG_RECORD.attributes, ATTR_THREAD_ID, this.#threadId)
      writer.end(at, LENGTH_BYTES)
    } catch (error) {
      writer.pos = start
      this.#onRepair(error)
      return 0
    }
    this.#count++
    return writer.pos - start
  }

  /** What was added last: a view, until the next call. @param length  what `append…` returned */
  last(length: number): Uint8Array {
    return this.#writer.bytes.subarray(this.#writer.pos - length, this.#writer.pos)
  }

  /** Hands the chunk over, in memory that nobody else holds, and begins the next one. */
  take(): Uint8Array<ArrayBuffer> {
    const { bytes, pos } = this.#writer
    this.#count = 0
    this.#writer.pos = 0
    // A small chunk is copied into memory of its own size: one late record must not hold a quarter of a megabyte.
    if (pos * 4 < bytes.length) return new Uint8Array(bytes.subarray(0, pos))
    this.#writer.replace(NO_BYTES)
    return bytes.subarray(0, pos)
  }

  #begin(): number {
    const writer = this.#writer
    if (writer.bytes.length === 0) writer.replace(this.#memory())
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
    const at = writer.begin(SCOPE_ITEMS.items, LENGTH_BYTES)
    writer.valueField(LOG_RECORD.body, 'tracelog: a record could not be encoded')
    writer.attribute(LOG_RECORD.attributes, ATTR_ENCODE_ERROR, safeMessage(error).slice(0, MAX_ERROR))
    writer.attribute(LOG_RECORD.attributes, ATTR_TRUNCATED, true)
    writer.end(at, LENGTH_BYTES)
  }

  #log(record: LogRecord, seq: number): void {
    const writer = this.#writer
    const at = writer.begin(SCOPE_ITEMS.items, LENGTH_BYTES)
    const { severityNumber, severityText, body, eventName, droppedAttributesCount } = record
    if (record.timeUnixNano !== 0n) writer.fixed64Field(LOG_RECORD.timeUnixNano, record.timeUnixNano)
    if (severityNumber !== 0) writer.varintField(LOG_RECORD.severityNumber, severityNumber)
    if (severityText !== '') writer.textField(LOG_RECORD.severityText, severityText)
    if (body !== undefined) writer.valueField(LOG_RECORD.body, body)
    writer.attributes(LOG_RECORD.attributes, record.attributes)
    if (seq >= 0) writer.attribute(LOG_RECORD.attributes, ATTR_SEQ, seq)
    if (this.#threadId > 0 && !(ATTR_THREAD_ID in record.attributes)) {
      writer.attribute(LOG_RECORD.attributes, ATTR_THREAD_ID, this.#threadId)
    }
    if (droppedAttributesCount > 0) writer.varintField(LOG_RECORD.droppedAttributesCount, droppedAttributesCount)
    this.#context.write(writer, record)
    writer.fixed64Field(LOG_RECORD.observedTimeUnixNano, record.observedTimeUnixNano)
    if (eventName !== '') writer.textField(LOG_RECORD.eventName, eventName)
    writer.end(at, LENGTH_BYTES)
  }

  #span(span: SpanRecord): void {
    const writer = this.#writer
    const at = writer.begin(SCOPE_ITEMS.items, LENGTH_BYTES)
    this.#idField(SPAN.traceId, span.traceId, 16)
    this.#idField(SPAN.spanId, span.spanId, 8)
    if (span.traceState !== '') writer.textField(SPAN.traceState, span.traceState)
    if (span.parentSpanId !== '') this.#idField(SPAN.parentSpanId, span.parentSpanId, 8)
    if (span.name !== '') writer.textField(SPAN.name, span.name)
    if (span.kind !== 0) writer.varintField(SPAN.kind, span.kind)
    writer.fixed64Field(SPAN.startTimeUnixNano, span.startTimeUnixNano)
    writer.fixed64Field(SPAN.endTimeUnixNano, span.endTimeUnixNano)
    writer.attributes(SPAN.attributes, span.attributes)
    if (span.droppedAttributesCount > 0) writer.varintField(SPAN.droppedAttributesCount, span.droppedAttributesCount)
    for (const event of span.events) this.#spanEvent(event)
    if (span.droppedEventsCount > 0) writer.varintField(SPAN.droppedEventsCount, span.droppedEventsCount)
    for (const link of span.links) this.#spanLink(link)
    this.#spanTail(span)
    writer.end(at, LENGTH_BYTES)
  }

  #spanTail(span: SpanRecord): void {
    const writer = this.#writer
    if (span.droppedLinksCount > 0) writer.varintField(SPAN.droppedLinksCount, span.droppedLinksCount)
    if (span.statusCode !== 0 || span.statusMessage !== '') {
      const at = writer.begin(SPAN.status, LENGTH_BYTES)
      if (span.statusMessage !== '') writer.textField(STATUS.message, span.statusMessage)
      if (span.statusCode !== 0) writer.varintField(STATUS.code, span.statusCode)
      writer.end(at, LENGTH_BYTES)
    }
    if (span.flags !== 0) writeSpanFlags(writer, span.flags)
  }

  #spanEvent(event: SpanEvent): void {
    const writer = this.#writer
    const at = writer.begin(SPAN.events, LENGTH_BYTES)
    writer.fixed64Field(SPAN_EVENT.timeUnixNano, event.timeUnixNano)
    if (event.name !== '') writer.textField(SPAN_EVENT.name, event.name)
    writer.attributes(SPAN_EVENT.attributes, event.attributes)
    if (event.droppedAttributesCount > 0)
      writer.varintField(SPAN_EVENT.droppedAttributesCount, event.droppedAttributesCount)
    writer.end(at, LENGTH_BYTES)
  }

  #spanLink(link: SpanLink): void {
    const writer = this.#writer
    const at = writer.begin(SPAN.links, LENGTH_BYTES)
    this.#idField(SPAN_LINK.traceId, link.traceId, 16)
    this.#idField(SPAN_LINK.spanId, link.spanId, 8)
    if (link.traceState !== '') writer.textField(SPAN_LINK.traceState, link.traceState)
    writer.attributes(SPAN_LINK.attributes, link.attributes)
    if (link.droppedAttributesCount > 0)
      writer.varintField(SPAN_LINK.droppedAttributesCount, link.droppedAttributesCount)
    if (link.traceFlags !== 0) writer.fixed32Field(SPAN_LINK.flags, link.traceFlags)
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
