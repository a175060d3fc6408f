/**
 * To which span does a record belong, as bytes? Flags, trace id and span id, made once for the records in a row that share them.
 */
import { writeHex } from './bytes.ts'
import { LOG_RECORD } from './otlp-schema.ts'
import type { ProtoWriter } from './proto-writer.ts'
import { ATTR_FOREIGN_SPAN_ID, ATTR_FOREIGN_TRACE_ID } from './semconv.ts'

export interface LogContext {
  readonly traceId: string
  readonly spanId: string
  readonly traceFlags: number
}

/** flags, trace id and span id with their tags. */
const WHOLE_BYTES = 5 + 18 + 10

/** Either case; what is not hex is another system's id. */
const HEX_ID = /^(?:[0-9a-fA-F]{16}){1,2}$/

export class LogContextBytes {
  #traceId = ''
  #spanId = ''
  #flags = 0
  #length = 0
  readonly #bytes = new Uint8Array(WHOLE_BYTES)

  write(writer: ProtoWriter, context: LogContext): void {
    const { traceId, spanId, traceFlags } = context
    if (traceId === '' && spanId === '' && traceFlags === 0) return
    if (traceId !== this.#traceId || spanId !== this.#spanId || traceFlags !== this.#flags) this.#make(context)
    const own = this.#bytes
    if (this.#length === WHOLE_BYTES) return writer.raw(own)
    writer.raw(own.subarray(0, this.#length))
    // Another system's id is kept, as text.
    if (traceId !== '' && !HEX_ID.test(traceId)) writer.attribute(LOG_RECORD.attributes, ATTR_FOREIGN_TRACE_ID, traceId)
    if (spanId !== '' && !HEX_ID.test(spanId)) writer.attribute(LOG_RECORD.attributes, ATTR_FOREIGN_SPAN_ID, spanId)
  }

  #make({ traceId, spanId, traceFlags }: LogContext): void {
    const bytes = this.#bytes
    bytes[0] = LOG_RECORD.flags
    bytes[1] = traceFlags
    bytes[2] = bytes[3] = bytes[4] = 0
    let p = 5
    bytes[p] = LOG_RECORD.traceId
    bytes[p + 1] = 16
    if (writeHex(bytes, p + 2, traceId, 16)) p += 18
    bytes[p] = LOG_RECORD.spanId
    bytes[p + 1] = 8
    if (writeHex(bytes, p + 2, spanId, 8)) p += 10
    this.#length = p
    this.#traceId = traceId
    this.#spanId = spanId
    this.#flags = traceFlags
  }
}
