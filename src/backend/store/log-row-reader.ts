/**
 * Reads one OTLP LogRecord into the row of a batch. Columns: FIXED_COLUMNS.logs of layout.ts.
 */
import { ANY_VALUE, LOG_RECORD } from '../../model/otlp-schema.ts'
import { patternOfBytes, patternOfError, patternOfType } from '../../model/pattern.ts'
import { severityOf } from '../../model/severity.ts'
import type { ColumnBuffer } from './column-buffer.ts'
import { writeAnyValue } from './json-writer.ts'
import { LOG_BITS, type LogColumn } from './layout.ts'
import { MalformedError } from './proto-cursor.ts'
import type { RowBatch } from './row-batch.ts'
import { AttributeReader, setFixed64, setSpanId, setTraceId, type RowSource } from './row-source.ts'

type LogColumns = Readonly<Record<LogColumn, ColumnBuffer>>

export class LogRowReader {
  readonly #source: RowSource
  readonly #attributes: AttributeReader
  /** Where the record's level stands as text, in the cursor's bytes; equal: nowhere. */
  #levelStart = 0
  #levelEnd = 0
  /** What the record says, for its pattern: its body, or else its event's name. */
  #said: Uint8Array | undefined
  #saidStart = 0
  #saidEnd = 0
  #eventStart = 0
  #eventEnd = 0

  constructor(source: RowSource) {
    this.#source = source
    this.#attributes = new AttributeReader(source)
  }

  reset(): void {
    this.#attributes.reset()
  }

  /** Reads the record from the cursor to `end` as the next row. @throws MalformedError; the row then does not count */
  read(batch: RowBatch, end: number): void {
    const { cursor } = this.#source
    const row = batch.rows
    const columns = batch.named as LogColumns
    let bits = LOG_BITS.timeAbsent | LOG_BITS.observedAbsent
    this.#levelStart = this.#levelEnd = 0
    this.#said = undefined
    this.#eventStart = this.#eventEnd = 0
    this.#attributes.forgetParts()
    while (cursor.at < end) {
      const tag = cursor.varint()
      switch (tag) {
        case LOG_RECORD.timeUnixNano:
          if (setFixed64(columns.t, row, cursor)) bits &= ~LOG_BITS.timeAbsent
          cursor.at += 8
          break
        case LOG_RECORD.observedTimeUnixNano:
          if (setFixed64(columns.seen, row, cursor)) bits &= ~LOG_BITS.observedAbsent
          cursor.at += 8
          break
        case LOG_RECORD.severityNumber:
          columns.sev.u8[row] = severityOf(cursor.varint(), '')
          break
        case LOG_RECORD.severityText:
          this.#level(batch, columns.sev_text, end)
          break
        case LOG_RECORD.eventName:
          this.#eventStart = this.#text(batch, columns.event, end)
          this.#eventEnd = cursor.at
          break
        case LOG_RECORD.body:
          if (this.#body(batch, columns.body, end)) bits |= LOG_BITS.bodyIsJson
          break
        case LOG_RECORD.attributes:
          this.#attributes.read(batch, row, cursor.end(end))
          break
        case LOG_RECORD.droppedAttributesCount:
          columns.dropped.u32[row] = cursor.varint()
          break
        case LOG_RECORD.flags:
          bits |= cursor.fixed32() & 0xff
          cursor.at += 4
          break
        case LOG_RECORD.traceId:
        case LOG_RECORD.spanId: {
          const idEnd = cursor.end(end)
          if (tag === LOG_RECORD.traceId) setTraceId(columns.trace, row, cursor, idEnd)
          else setSpanId(columns.span, row, cursor, idEnd)
          cursor.at = idEnd
          break
        }
        default:
          cursor.skip(tag, end)
      }
    }
    if (cursor.at !== end) throw new MalformedError('A field leaves its record')
    this.#finish(batch, row, bits)
  }

  #level(batch: RowBatch, column: ColumnBuffer, end: number): void {
    const { cursor } = this.#source
    const from = cursor.at
    this.#levelEnd = cursor.end(end)
    this.#levelStart = cursor.at
    cursor.at = from
    this.#text(batch, column, end)
  }

  /** @returns where it begins; it ends where the cursor is then */
  #text(batch: RowBatch, column: ColumnBuffer, end: number): number {
    const { cursor, address } = this.#source
    const textEnd = cursor.end(end)
    const start = cursor.at
    batch.setText(column, batch.rows, cursor.bytes, cursor.at, textEnd, address)
    cursor.at = textEnd
    return start
  }

  /** @returns whether the body is JSON: anything but a string. An AnyValue without a value is no body. */
  #body(batch: RowBatch, column: ColumnBuffer, end: number): boolean {
    const { cursor } = this.#source
    const bodyEnd = cursor.end(end)
    if (cursor.at === bodyEnd) return false
    if (cursor.bytes[cursor.at] === ANY_VALUE.stringValue) {
      cursor.at++
      this.#saidStart = this.#text(batch, column, bodyEnd)
      this.#said = cursor.bytes
      this.#saidEnd = cursor.at
      cursor.at = bodyEnd
      return false
    }
    const start = batch.arena.used
    writeAnyValue(cursor, bodyEnd, batch.arena)
    batch.setMadeText(column, batch.rows, start)
    this.#said = batch.arena.bytes
    this.#saidStart = start
    this.#saidEnd = batch.arena.used
    return true
  }

  #finish(batch: RowBatch, row: number, bits: number): void {
    const columns = batch.named as LogColumns
    const time = columns.t
    const observed = columns.seen
    if (bits & LOG_BITS.timeAbsent) {
      if (bits & LOG_BITS.observedAbsent) time.setBigint(row, this.#source.receivedUnixNano)
      else copyRow(observed, time, row)
    }
    if (bits & LOG_BITS.observedAbsent) copyRow(time, observed, row)
    columns.bits.u16[row] = bits
    if (columns.sev.u8[row] === 0 && this.#levelEnd > this.#levelStart) {
      const { bytes } = this.#source.cursor
      columns.sev.u8[row] = severityOf(0, bytes.latin1Slice(this.#levelStart, this.#levelEnd))
    }
    columns.pattern.u32[row] = this.#pattern()
    columns.pattern.markValid(row)
    columns.res.u32[row] = this.#source.resource
    columns.scope.u32[row] = this.#source.scope
    this.#attributes.finish(batch, row, columns.rest)
    batch.rows = row + 1
  }

  /** The arena may have grown since the body was written, but what was written stays as it is. */
  #pattern(): number {
    const { errorType, exceptionType, stack } = this.#attributes.parts
    const { bytes } = this.#source.cursor
    const textOf = (part: readonly [number, number] | undefined): string =>
      part === undefined ? '' : bytes.utf8Slice(part[0], Math.min(part[1], part[0] + MAX_PART))
    const type = errorType ?? exceptionType
    if (stack !== undefined && stack[1] > stack[0]) return patternOfError(textOf(type), textOf(stack))
    const said =
      this.#said === undefined
        ? patternOfBytes(bytes, this.#eventStart, this.#eventEnd)
        : patternOfBytes(this.#said, this.#saidStart, this.#saidEnd)
    return type === undefined ? said : patternOfType(textOf(type), said)
  }
}

/** Longer texts are cut: only the first lines of a stack count. Bytes. */
const MAX_PART = 16_384

function copyRow(from: ColumnBuffer, to: ColumnBuffer, row: number): void {
  to.u32[2 * row] = from.u32[2 * row] as number
  to.u32[2 * row + 1] = from.u32[2 * row + 1] as number
}
