/**
 * The rows of a large answer, column by column, as they cross the thread: typed arrays are moved, and a column of texts is one text.
 * As arrays of values they cost more than the question itself.
 *
 * Which values a block has is written by read-block.ts; this file reads them.
 */
import type { SqlValue } from './sql-value.ts'

type Numbers = BigInt64Array | BigUint64Array | Float64Array | Int32Array | Uint32Array | Uint16Array | Uint8Array

/** The values of a column in one block. `nulls`: 1 where there is none; absent: everywhere is one. */
export type ColumnValues =
  /** The same in each row; null: no row has one. */
  | { readonly kind: 'same'; readonly value: SqlValue }
  | { readonly kind: 'numbers'; readonly values: Numbers; readonly nulls?: Uint8Array | undefined }
  | { readonly kind: 'booleans'; readonly values: Uint8Array; readonly nulls?: Uint8Array | undefined }
  /** All texts one after the other, and where each ends, in UTF-16 units. */
  | {
      readonly kind: 'texts'
      readonly text: string
      readonly ends: Uint32Array
      readonly nulls?: Uint8Array | undefined
    }
  | { readonly kind: 'values'; readonly values: readonly SqlValue[] }

/** Some rows of an answer, at most 2,048. */
export interface RowBlock {
  readonly rows: number
  readonly columns: readonly ColumnValues[]
}

export function valueAt(column: ColumnValues, row: number): SqlValue {
  switch (column.kind) {
    case 'same':
      return column.value
    case 'texts':
      if (column.nulls?.[row] === 1) return null
      return column.text.slice(row === 0 ? 0 : column.ends[row - 1], column.ends[row])
    case 'numbers':
      return column.nulls?.[row] === 1 ? null : (column.values[row] as number | bigint)
    case 'booleans':
      return column.nulls?.[row] === 1 ? null : column.values[row] === 1
    default:
      return column.values[row] as SqlValue
  }
}

/** The rows as arrays of values, for answers that are small. */
export function rowsOf(blocks: readonly RowBlock[]): SqlValue[][] {
  return blocks.flatMap(({ rows, columns }) =>
    Array.from({ length: rows }, (_, row) => columns.map((column) => valueAt(column, row))),
  )
}

/** What can be moved to another thread instead of being copied. */
export function buffersOf(blocks: readonly RowBlock[]): ArrayBuffer[] {
  return blocks.flatMap(({ columns }) => columns.flatMap(arraysOf)).map(({ buffer }) => buffer as ArrayBuffer)
}

function arraysOf(column: ColumnValues): (Numbers | Uint8Array)[] {
  if (column.kind === 'same' || column.kind === 'values') return []
  const values = column.kind === 'texts' ? column.ends : column.values
  return column.nulls === undefined ? [values] : [values, column.nulls]
}
