/**
 * Reads one OTLP Span into the row of a batch. Columns: FIXED_COLUMNS.spans of layout.ts.
 *
 * Events and links become JSON arrays: `[{"t":<ns>,"name":"...","attributes":{...},"dropped":0}]` and
 * `[{"trace":"<32 hex>","span":"<16 hex>","state":"...","flags":0,"attributes":{...},"dropped":0}]`.
 */
import { SPAN, SPAN_EVENT, SPAN_LINK, STATUS, WIRE, wireTypeOf } from '../../model/otlp-schema.ts'
import type { ByteArena } from './byte-arena.ts'
import type { ColumnBuffer } from './column-buffer.ts'
import { writeJsonString, writeKeyValue } from './json-writer.ts'
import type { SpanColumn } from './layout.ts'
import { MalformedError, type ProtoCursor } from './proto-cursor.ts'
import type { RowBatch } from './row-batch.ts'
import { AttributeReader, setFixed64, setSpanId, setTraceId, type RowSource } from './row-source.ts'

type SpanColumns = Readonly<Record<SpanColumn, ColumnBuffer>>

export class SpanRowReader {
  readonly #source: RowSource
  readonly #attributes: AttributeReader
  /** Where each event and link is: start, end. Written when the span is complete, so that each array is in one piece. */
  readonly #events: number[] = []
  readonly #links: number[] = []

  constructor(source: RowSource) {
    this.#source = source
    this.#attributes = new AttributeReader(source)
  }

  reset(): void {
    this.#attributes.reset()
  }

  /** Reads the span from the cursor to `end` as the next row. @throws MalformedError; the row then does not count */
  read(batch: RowBatch, end: number): void {
    const { cursor } = this.#source
    this.#events.length = 0
    this.#links.length = 0
    while (cursor.at < end) this.#field(batch, cursor.varint(), end)
    if (cursor.at !== end) throw new MalformedError('A field leaves its span')
    this.#finish(batch)
    cursor.at = end
  }

  #field(batch: RowBatch, tag: number, end: number): void {
    const { cursor } = this.#source
    const row = batch.rows
    const columns = batch.named as SpanColumns
    switch (tag) {
      case SPAN.startTimeUnixNano:
      case SPAN.endTimeUnixNano:
        setFixed64(tag === SPAN.startTimeUnixNano ? columns.t : columns.took, row, cursor)
        cursor.at += 8
        break
      case SPAN.kind:
        columns.kind.u8[row] = Math.min(cursor.varint(), 255)
        break
      case SPAN.name:
      case SPAN.traceState:
        this.#text(batch, tag === SPAN.name ? columns.name : columns.state, end)
        break
      case SPAN.droppedAttributesCount:
        columns.dropped.u32[row] = cursor.varint()
        break
      case SPAN.droppedEventsCount:
        columns.dropped_events.u32[row] = cursor.varint()
        break
      case SPAN.droppedLinksCount:
        columns.dropped_links.u32[row] = cursor.varint()
        break
      case SPAN.flags:
        columns.flags.u32[row] = cursor.fixed32()
        cursor.at += 4
        break
      default:
        if (wireTypeOf(tag) === WIRE.bytes) this.#message(batch, tag, cursor.end(end))
        else cursor.skip(tag, end)
    }
  }

  /** The fields that are messages or ids. */
  #message(batch: RowBatch, tag: number, end: number): void {
    const { cursor } = this.#source
    const row = batch.rows
    const columns = batch.named as SpanColumns
    if (tag === SPAN.attributes) this.#attributes.read(batch, row, end)
    else if (tag === SPAN.traceId) setTraceId(columns.trace, row, cursor, end)
    else if (tag === SPAN.spanId) setSpanId(columns.span, row, cursor, end)
    else if (tag === SPAN.parentSpanId) setSpanId(columns.parent, row, cursor, end)
    else if (tag === SPAN.events) this.#events.push(cursor.at, end)
    else if (tag === SPAN.links) this.#links.push(cursor.at, end)
    else if (tag === SPAN.status) this.#status(batch, end)
    cursor.at = end
  }

  #status(batch: RowBatch, end: number): void {
    const { cursor } = this.#source
    const columns = batch.named as SpanColumns
    while (cursor.at < end) {
      const tag = cursor.varint()
      if (tag === STATUS.message) this.#text(batch, columns.status_text, end)
      else if (tag === STATUS.code) columns.status.u8[batch.rows] = Math.min(cursor.varint(), 255)
      else cursor.skip(tag, end)
    }
  }

  #text(batch: RowBatch, column: ColumnBuffer, end: number): void {
    const { cursor, address } = this.#source
    const textEnd = cursor.end(end)
    batch.setText(column, batch.rows, cursor.bytes, cursor.at, textEnd, address)
    cursor.at = textEnd
  }

  #finish(batch: RowBatch): void {
    const row = batch.rows
    const columns = batch.named as SpanColumns
    const [start, ended] = [columns.t, columns.took]
    if (isZero(start, row)) {
      if (isZero(ended, row)) start.setBigint(row, this.#source.receivedUnixNano)
      else copyRow(ended, start, row)
    }
    if (isZero(ended, row)) copyRow(start, ended, row)
    columns.res.u32[row] = this.#source.resource
    columns.scope.u32[row] = this.#source.scope
    this.#attributes.finish(batch, row, columns.rest)
    this.#list(batch, columns.events, this.#events, writeEvent)
    this.#list(batch, columns.links, this.#links, writeLink)
    batch.rows = row + 1
  }

  #list(batch: RowBatch, column: ColumnBuffer, places: readonly number[], write: typeof writeEvent): void {
    if (places.length === 0) return
    const { cursor } = this.#source
    const { arena } = batch
    const start = arena.used
    for (let i = 0; i < places.length; i += 2) {
      arena.byte(i === 0 ? 91 : 44)
      cursor.at = places[i] as number
      write(cursor, places[i + 1] as number, arena)
    }
    arena.byte(93)
    batch.setMadeText(column, batch.rows, start)
  }
}

/** The simple fields of an event or a link; attributes are written after them. */
interface Parts {
  text: readonly [number, number] | undefined
  time: bigint
  dropped: number
  flags: number
  trace: string
  span: string
  readonly attributes: number[]
}

function writeEvent(cursor: ProtoCursor, end: number, out: ByteArena): void {
  const parts = emptyParts()
  while (cursor.at < end) {
    const tag = cursor.varint()
    if (tag === SPAN_EVENT.timeUnixNano) {
      parts.time = (BigInt(cursor.fixed64High()) << 32n) | BigInt(cursor.fixed64Low())
      cursor.at += 8
    } else if (tag === SPAN_EVENT.name) parts.text = place(cursor, end)
    else if (tag === SPAN_EVENT.attributes) parts.attributes.push(...place(cursor, end))
    else if (tag === SPAN_EVENT.droppedAttributesCount) parts.dropped = cursor.varint()
    else cursor.skip(tag, end)
  }
  out.ascii(`{"t":${parts.time},"name":`)
  writePlace(cursor, parts.text, out)
  writeTail(cursor, parts, out)
  cursor.at = end
}

function writeLink(cursor: ProtoCursor, end: number, out: ByteArena): void {
  const parts = emptyParts()
  while (cursor.at < end) {
    const tag = cursor.varint()
    if (tag === SPAN_LINK.traceId) parts.trace = hex(cursor, end, 16)
    else if (tag === SPAN_LINK.spanId) parts.span = hex(cursor, end, 8)
    else if (tag === SPAN_LINK.traceState) parts.text = place(cursor, end)
    else if (tag === SPAN_LINK.attributes) parts.attributes.push(...place(cursor, end))
    else if (tag === SPAN_LINK.droppedAttributesCount) parts.dropped = cursor.varint()
    else if (tag === SPAN_LINK.flags) {
      parts.flags = cursor.fixed32()
      cursor.at += 4
    } else cursor.skip(tag, end)
  }
  out.ascii(`{"trace":"${parts.trace}","span":"${parts.span}","flags":${parts.flags},"state":`)
  writePlace(cursor, parts.text, out)
  writeTail(cursor, parts, out)
  cursor.at = end
}

function emptyParts(): Parts {
  return { text: undefined, time: 0n, dropped: 0, flags: 0, trace: '', span: '', attributes: [] }
}

function place(cursor: ProtoCursor, limit: number): readonly [number, number] {
  const end = cursor.end(limit)
  const start = cursor.at
  cursor.at = end
  return [start, end]
}

function hex(cursor: ProtoCursor, limit: number, length: number): string {
  const [start, end] = place(cursor, limit)
  return end - start === length ? cursor.bytes.hexSlice(start, end) : ''
}

function writePlace(cursor: ProtoCursor, text: readonly [number, number] | undefined, out: ByteArena): void {
  if (text === undefined) out.ascii('""')
  else writeJsonString(cursor.bytes, text[0], text[1], out)
}

function writeTail(cursor: ProtoCursor, parts: Parts, out: ByteArena): void {
  out.ascii(',"attributes":{')
  for (let i = 0; i < parts.attributes.length; i += 2) {
    if (i > 0) out.byte(44)
    cursor.at = parts.attributes[i] as number
    writeKeyValue(cursor, parts.attributes[i + 1] as number, out, 0)
  }
  out.ascii(`},"dropped":${parts.dropped}}`)
}

function isZero(column: ColumnBuffer, row: number): boolean {
  return ((column.u32[2 * row] as number) | (column.u32[2 * row + 1] as number)) === 0
}

function copyRow(from: ColumnBuffer, to: ColumnBuffer, row: number): void {
  to.u32[2 * row] = from.u32[2 * row] as number
  to.u32[2 * row + 1] = from.u32[2 * row + 1] as number
}
