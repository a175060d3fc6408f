/**
 * What the row readers need to know of the request around a row, and what both do: attributes and ids.
 */
import { ANY_VALUE, KEY_VALUE } from '../../model/otlp-schema.ts'
import type { AttributeKey, AttributeKeys, PatternPart } from './attribute-keys.ts'
import type { ColumnBuffer } from './column-buffer.ts'
import { writeAnyValue, writeJsonString } from './json-writer.ts'
import type { ProtoCursor } from './proto-cursor.ts'
import type { RowBatch } from './row-batch.ts'

export interface RowSource {
  readonly cursor: ProtoCursor
  readonly keys: AttributeKeys
  /** Address of the copy of the request. */
  address: number
  receivedUnixNano: bigint
  /** Numbers in the dictionaries. */
  resource: number
  scope: number
}

/** Reads the attributes of one row: a column each for the common keys, the others as JSON. */
export class AttributeReader {
  readonly #source: RowSource
  /** The key before, in this row; between rows the last one, whose successor is the first key. */
  #previous: AttributeKey | undefined
  #restStart = -1
  /** Where the parts of the row's pattern stand in the cursor's bytes, where they are texts. */
  readonly parts: { [part in PatternPart]?: readonly [start: number, end: number] | undefined } = {}
  #hasParts = false

  constructor(source: RowSource) {
    this.#source = source
  }

  /** Before a request: what a malformed one left behind is forgotten. */
  reset(): void {
    this.#restStart = -1
    this.forgetParts()
  }

  /** Before a row. */
  forgetParts(): void {
    if (!this.#hasParts) return
    this.parts.errorType = this.parts.exceptionType = this.parts.stack = undefined
    this.#hasParts = false
  }

  /** Reads one KeyValue from the cursor to `end`. */
  read(batch: RowBatch, row: number, end: number): void {
    const { cursor, keys } = this.#source
    // Everybody writes the key first; a sender that does not is read by searching.
    const keyPlace = cursor.find(KEY_VALUE.key, end)
    const keyStart = keyPlace === undefined ? cursor.at : keyPlace[0]
    const keyEnd = keyPlace === undefined ? cursor.at : keyPlace[1]
    const key = keys.find(cursor.bytes, keyStart, keyEnd, this.#previous)
    this.#previous = key
    const value = cursor.find(KEY_VALUE.value, end)
    cursor.at = value === undefined ? end : value[0]
    const valueEnd = value === undefined ? end : value[1]
    if (key.part !== undefined) this.#notePart(key.part, valueEnd)
    if (key.column < 0 || !this.#toColumn(batch, row, key, valueEnd)) this.#toRest(batch, key, valueEnd)
    cursor.at = end
  }

  /** After the last attribute of a row. */
  finish(batch: RowBatch, row: number, rest: ColumnBuffer): void {
    if (this.#restStart < 0) return
    batch.arena.byte(125)
    batch.setMadeText(rest, row, this.#restStart)
    this.#restStart = -1
  }

  #notePart(part: PatternPart, end: number): void {
    const { cursor } = this.#source
    const from = cursor.at
    if (from >= end || cursor.bytes[from] !== ANY_VALUE.stringValue) return
    cursor.at++
    const textEnd = cursor.end(end)
    this.parts[part] = [cursor.at, textEnd]
    this.#hasParts = true
    cursor.at = from
  }

  /** @returns false when the value is of another type than the column */
  #toColumn(batch: RowBatch, row: number, key: AttributeKey, end: number): boolean {
    const { cursor, address } = this.#source
    if (cursor.at >= end) return false
    const column = batch.attributes[key.column] as ColumnBuffer
    const tag = cursor.bytes[cursor.at]
    switch (column.type) {
      case 'VARCHAR': {
        if (tag !== ANY_VALUE.stringValue) return false
        cursor.at++
        const textEnd = cursor.end(end)
        batch.setText(column, row, cursor.bytes, cursor.at, textEnd, address)
        return true
      }
      case 'BIGINT':
        if (tag !== ANY_VALUE.intValue) return false
        cursor.at++
        setInt(column, row, cursor)
        break
      case 'DOUBLE':
        if (tag !== ANY_VALUE.doubleValue || cursor.at + 9 > end) return false
        cursor.at++
        column.f64[row] = cursor.double()
        break
      default:
        if (tag !== ANY_VALUE.boolValue) return false
        cursor.at++
        column.u8[row] = cursor.varint() === 0 ? 0 : 1
    }
    column.markValid(row)
    return true
  }

  #toRest(batch: RowBatch, key: AttributeKey, end: number): void {
    const { arena } = batch
    const { cursor } = this.#source
    if (key.column >= 0) this.#source.keys.hasMismatch = true
    key.seen[kindOf(cursor.bytes[cursor.at], cursor.at < end)]++
    if (this.#restStart < 0) {
      this.#restStart = arena.used
      arena.byte(123)
    } else arena.byte(44)
    writeJsonString(Buffer.from(key.bytes.buffer, key.bytes.byteOffset, key.bytes.length), 0, key.bytes.length, arena)
    arena.byte(58)
    writeAnyValue(cursor, end, arena)
  }
}

function kindOf(tag: number | undefined, hasValue: boolean): keyof AttributeKey['seen'] {
  if (!hasValue) return 'other'
  if (tag === ANY_VALUE.stringValue) return 'VARCHAR'
  if (tag === ANY_VALUE.intValue) return 'BIGINT'
  if (tag === ANY_VALUE.doubleValue) return 'DOUBLE'
  return tag === ANY_VALUE.boolValue ? 'BOOLEAN' : 'other'
}

/** Small numbers, nearly all there are, without a bigint. */
function setInt(column: ColumnBuffer, row: number, cursor: ProtoCursor): void {
  const from = cursor.at
  if (isShortVarint(cursor.bytes, from)) {
    column.u32[2 * row] = cursor.varint()
    column.u32[2 * row + 1] = 0
  } else column.setBigint(row, cursor.int64())
}

/** Up to four bytes: below 2^28. */
function isShortVarint(bytes: Buffer, at: number): boolean {
  for (let i = 0; i < 4; i++) if ((bytes[at + i] as number) < 128) return true
  return false
}

/** A trace id of 16 bytes as DuckDB's UUID: two little-endian halves, the upper one with its sign flipped. All zero: none. */
export function setTraceId(column: ColumnBuffer, row: number, cursor: ProtoCursor, end: number): void {
  if (end - cursor.at !== 16) return
  const at = cursor.at
  const [a, b, c, d] = [cursor.word(at), cursor.word(at + 4), cursor.word(at + 8), cursor.word(at + 12)]
  if ((a | b | c | d) === 0) return
  const { u32 } = column
  u32[4 * row] = d
  u32[4 * row + 1] = c
  u32[4 * row + 2] = b
  u32[4 * row + 3] = a ^ 0x80000000
  column.markValid(row)
}

/** A span id of 8 bytes as a UBIGINT; any other length: none. */
export function setSpanId(column: ColumnBuffer, row: number, cursor: ProtoCursor, end: number): void {
  if (end - cursor.at !== 8) return
  column.u32[2 * row] = cursor.word(cursor.at + 4)
  column.u32[2 * row + 1] = cursor.word(cursor.at)
}

/** Copies a fixed64 as it is. @returns whether it is other than 0 */
export function setFixed64(column: ColumnBuffer, row: number, cursor: ProtoCursor): boolean {
  const low = cursor.fixed64Low()
  const high = cursor.fixed64High()
  column.u32[2 * row] = low
  // Beyond 2262 the column's sign would turn: such a time is cut to the last one that fits.
  column.u32[2 * row + 1] = high > 0x7fffffff ? 0x7fffffff : high
  return (low | high) !== 0
}
