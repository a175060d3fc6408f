/**
 * A chunk of DuckDB's answer -> a block of rows, read from the memory of its vectors.
 *
 * The package's own readers make a call and an object per value. Invariants of DuckDB that are used: a column lies in one vector,
 * value after value; a string_t has 16 bytes: its length, then the text itself or (beyond 12 bytes) its address in the upper 8.
 */
import { isAscii } from 'node:buffer'

import type { DuckDBDataChunk } from '@duckdb/node-api'

import type { DuckdbBindings } from './duckdb-module.ts'
import type { ColumnValues, RowBlock } from './row-blocks.ts'
import { toSqlValue, type SqlValue } from './sql-value.ts'

const STRING_BYTES = 16
const UUID_BYTES = 16
/** Longer texts lie elsewhere. */
const LONGEST_INSIDE = 12
/** Texts of a column that are joined at most; beyond it they are values. Bytes. */
const MOST_TEXT = 64 * 1024 * 1024

/** How a column of fixed width is read. */
const NUMBERS = {
  BIGINT: BigInt64Array,
  UBIGINT: BigUint64Array,
  DOUBLE: Float64Array,
  INTEGER: Int32Array,
  UINTEGER: Uint32Array,
  USMALLINT: Uint16Array,
  UTINYINT: Uint8Array,
} as const

interface Vector {
  readonly rows: number
  /** The vector's own memory, of values of so many bytes: gone with the chunk. */
  readonly memory: (width: number) => Uint8Array<ArrayBuffer>
  readonly nulls: Uint8Array | undefined
  /** The text of so many bytes to which the string_t at this place points. */
  readonly textAt: (place: number, bytes: number) => Uint8Array
}

/** @param types  of the columns, in DuckDB's words */
export function readBlock(bindings: DuckdbBindings, chunk: DuckDBDataChunk, types: readonly string[]): RowBlock {
  const rows = chunk.rowCount
  const columns = types.map((type, i) => {
    const handle = bindings.data_chunk_get_vector(chunk.chunk, i)
    const validity = bindings.vector_get_validity(handle, Math.ceil(rows / 64) * 8)
    const nulls = validity === null ? undefined : nullsOf(validity, rows)
    if (nulls?.every((isNull) => isNull === 1) === true) return { kind: 'same', value: null } as const
    const memory = (width: number): Uint8Array<ArrayBuffer> =>
      bindings.vector_get_data(handle, rows * width) as Uint8Array<ArrayBuffer>
    const textAt = (place: number, bytes: number): Uint8Array => {
      const { buffer, byteOffset } = memory(STRING_BYTES)
      return bindings.get_data_from_pointer(buffer, byteOffset + place, bytes)
    }
    return columnOf(type, { rows, memory, nulls, textAt }) ?? valuesOf(chunk, i)
  })
  return { rows, columns }
}

/** @returns undefined: all rows have a value */
function nullsOf(validity: Uint8Array, rows: number): Uint8Array | undefined {
  const nulls = new Uint8Array(rows)
  let isAny = false
  for (let row = 0; row < rows; row++) {
    if (((validity[row >> 3] as number) >> (row & 7)) % 2 === 1) continue
    nulls[row] = 1
    isAny = true
  }
  return isAny ? nulls : undefined
}

/** @returns undefined for types that are rare */
function columnOf(type: string, vector: Vector): ColumnValues | undefined {
  if (type === 'VARCHAR') return textsOf(vector)
  if (type === 'UUID') return uuidsOf(vector)
  const { nulls, rows, memory } = vector
  if (type === 'BOOLEAN') return { kind: 'booleans', values: memory(1).slice(), nulls }
  if (!(type in NUMBERS)) return undefined
  const Values = NUMBERS[type as keyof typeof NUMBERS]
  const bytes = memory(Values.BYTES_PER_ELEMENT).slice()
  return { kind: 'numbers', values: new Values(bytes.buffer, 0, rows), nulls }
}

function valuesOf(chunk: DuckDBDataChunk, column: number): ColumnValues {
  return { kind: 'values', values: chunk.getColumnValues(column).map(toSqlValue) }
}

function textsOf(vector: Vector): ColumnValues | undefined {
  const { rows, nulls } = vector
  const memory = vector.memory(STRING_BYTES)
  const words = new Uint32Array(memory.buffer, memory.byteOffset, rows * 4)
  const first = memory.subarray(4, 4 + Math.min(LONGEST_INSIDE, words[0] as number))
  if (nulls === undefined && (words[0] as number) <= LONGEST_INSIDE && isSame(words, rows)) {
    return { kind: 'same', value: Buffer.from(first).utf8Slice() }
  }
  const ends = new Uint32Array(rows)
  let total = 0
  for (let row = 0; row < rows; row++) {
    if (nulls?.[row] !== 1) total += words[row * 4] as number
    ends[row] = total
  }
  if (total > MOST_TEXT) return undefined
  const bytes = joined(vector, { memory, words, ends, total })
  // Then bytes are UTF-16 units.
  if (isAscii(bytes)) return { kind: 'texts', text: bytes.latin1Slice(), ends, nulls }
  const texts = Array.from(ends, (end, row) => bytes.utf8Slice(row === 0 ? 0 : ends[row - 1], end))
  let units = 0
  texts.forEach((text, row) => (ends[row] = units += text.length))
  return { kind: 'texts', text: texts.join(''), ends, nulls }
}

function isSame(words: Uint32Array, rows: number): boolean {
  for (let i = 4; i < rows * 4; i++) if (words[i] !== words[i & 3]) return false
  return true
}

interface Strings {
  readonly memory: Uint8Array
  readonly words: Uint32Array
  readonly ends: Uint32Array
  readonly total: number
}

/** Texts that lie one behind the other are read together: mostly all of a vector do. */
function joined({ rows, nulls, textAt }: Vector, { memory, words, ends, total }: Strings): Buffer {
  const bytes = Buffer.allocUnsafe(total)
  let at = 0
  let run: { row: number; to: number; bytes: number } | undefined
  const endRun = (): void => {
    if (run === undefined) return
    bytes.set(textAt(run.row * STRING_BYTES + 8, run.bytes), at)
    at += run.bytes
    run = undefined
  }
  for (let row = 0; row < rows; row++) {
    const length = words[row * 4] as number
    if (nulls?.[row] === 1 || length === 0) continue
    if (length <= LONGEST_INSIDE) {
      endRun()
      for (let i = 0; i < length; i++) bytes[at++] = memory[row * STRING_BYTES + 4 + i] as number
      continue
    }
    const address = (words[row * 4 + 2] as number) + (words[row * 4 + 3] as number) * 0x1_0000_0000
    if (run?.to !== address) {
      endRun()
      run = { row, to: address, bytes: 0 }
    }
    run.bytes += length
    run.to += length
  }
  endRun()
  if (at !== ends.at(-1)) throw new Error(`${at} bytes of text were read, but there are ${total}`)
  return bytes
}

/** As DuckDB writes them; kept as a number of 128 bits whose first bit is turned. */
function uuidsOf({ rows, memory: read, nulls }: Vector): ColumnValues {
  const memory = read(UUID_BYTES)
  const words = new Uint32Array(memory.buffer, memory.byteOffset, rows * 4)
  if (nulls === undefined && isSame(words, rows)) return { kind: 'same', value: uuidText(memory, 0) }
  const values: SqlValue[] = []
  for (let row = 0; row < rows; row++) {
    const at = row * 4
    const isAsBefore = row > 0 && [0, 1, 2, 3].every((i) => words[at + i] === words[at - 4 + i])
    if (nulls?.[row] === 1) values.push(null)
    else values.push(isAsBefore && nulls?.[row - 1] !== 1 ? (values[row - 1] as SqlValue) : uuidText(memory, row))
  }
  return { kind: 'values', values }
}

function uuidText(memory: Uint8Array, row: number): string {
  const bytes = Buffer.from(memory.subarray(row * UUID_BYTES, (row + 1) * UUID_BYTES).toReversed())
  bytes[0] = (bytes[0] as number) ^ 0x80
  const hex = bytes.hexSlice()
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`
}
