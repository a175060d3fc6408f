/**
 * Fields that who writes records straight to bytes puts down the same way as the general encoder: ids, flags, what is known beforehand.
 */
import type { Attributes } from './any-value.ts'
import { LOG_RECORD, SPAN } from './otlp-schema.ts'
import { ProtoWriter } from './proto-writer.ts'

/** Trace id (16 bytes) and span id (8 bytes), one behind the other. */
export interface IdBytes {
  readonly bytes: Uint8Array
  readonly at: number
}

const TRACE_BYTES = 16
const SPAN_BYTES = 8

export function writeSpanIds(writer: ProtoWriter, { bytes, at }: IdBytes): void {
  writer.idField(SPAN.traceId, bytes, at, TRACE_BYTES)
  writer.idField(SPAN.spanId, bytes, at + TRACE_BYTES, SPAN_BYTES)
}

/** The span that a log record belongs to. */
export function writeLogIds(writer: ProtoWriter, { bytes, at }: IdBytes, flags: number): void {
  writer.fixed32Field(LOG_RECORD.flags, flags)
  writer.idField(LOG_RECORD.traceId, bytes, at, TRACE_BYTES)
  writer.idField(LOG_RECORD.spanId, bytes, at + TRACE_BYTES, SPAN_BYTES)
}

/** W3C flags, and OTLP's "is remote" bits. */
export function writeSpanFlags(writer: ProtoWriter, flags: number): void {
  // The one tag of two bytes.
  writer.ensure(1)
  writer.bytes[writer.pos++] = (SPAN.flags & 127) | 128
  writer.fixed32Field(SPAN.flags >>> 7, flags)
}

/** What is the same in many records, encoded once: to be written with `raw`. */
export function encodedFields(write: (writer: ProtoWriter) => void): Uint8Array {
  const writer = new ProtoWriter(256)
  write(writer)
  return writer.bytes.slice(0, writer.pos)
}

/** Attributes that are the same in many records, under their tag in a span or a record. */
export function encodedAttributes(tag: number, attributes: Attributes): Uint8Array {
  return encodedFields((writer) => writer.attributes(tag, attributes))
}
