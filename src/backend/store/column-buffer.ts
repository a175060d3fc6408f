/**
 * One column of a batch, in the memory layout of a DuckDB vector: it is copied over in one call.
 *
 * Text is DuckDB's string_t (public in its C API): 16 bytes, a length, then either up to 12 bytes of text, zero-padded, or the
 * first 4 bytes and a pointer. The pointers lead into the copies that text-memory.ts holds until the batch is appended.
 */
import { CHUNK_ROWS, COLUMN_WIDTH, type ColumnType } from './layout.ts'

const INLINE_BYTES = 12
const TWO_32 = 4_294_967_296

export class ColumnBuffer {
  readonly type: ColumnType
  readonly isNullable: boolean
  readonly width: number
  readonly buffer: ArrayBuffer
  readonly u8: Uint8Array
  readonly u16: Uint16Array
  readonly u32: Uint32Array
  readonly f64: Float64Array
  /** A set bit: the row has a value. Only kept when nullable. */
  readonly validity: Uint8Array = new Uint8Array(CHUNK_ROWS / 8)
  /** Whether any row of the batch has a value. */
  hasValues = false

  constructor(type: ColumnType, isNullable: boolean) {
    this.type = type
    this.isNullable = isNullable
    this.width = COLUMN_WIDTH[type]
    this.buffer = new ArrayBuffer(CHUNK_ROWS * this.width)
    this.u8 = new Uint8Array(this.buffer)
    this.u16 = new Uint16Array(this.buffer, 0, this.width < 2 ? 0 : this.buffer.byteLength / 2)
    this.u32 = new Uint32Array(this.buffer, 0, this.width < 4 ? 0 : this.buffer.byteLength / 4)
    this.f64 = new Float64Array(this.buffer, 0, this.type === 'DOUBLE' ? CHUNK_ROWS : 0)
  }

  /** Forgets the values of the first `rows` rows. */
  clear(rows: number): void {
    if (!this.hasValues && this.isNullable) return
    this.u8.fill(0, 0, rows * this.width)
    this.validity.fill(0)
    this.hasValues = false
  }

  /** Forgets the value of one row. */
  forget(row: number): void {
    this.u8.fill(0, row * this.width, (row + 1) * this.width)
    this.validity[row >> 3] = (this.validity[row >> 3] as number) & ~(1 << (row & 7))
  }

  markValid(row: number): void {
    this.validity[row >> 3] = (this.validity[row >> 3] as number) | (1 << (row & 7))
    this.hasValues = true
  }

  setBigint(row: number, value: bigint): void {
    this.u32[2 * row] = Number(value & 0xffffffffn)
    this.u32[2 * row + 1] = Number((value >> 32n) & 0xffffffffn)
  }

  /**
   * @param bytes  where the text is, from `start` to `end`
   * @param address  the address in memory of a copy of `bytes` (of its byte 0)
   */
  // oxlint-disable-next-line max-params -- once per text of each record: an options object would be an allocation each
  setText(row: number, bytes: Uint8Array, start: number, end: number, address: number): void {
    const { u32 } = this
    const at = row * 4
    const length = end - start
    u32[at] = length
    if (length > INLINE_BYTES) {
      u32[at + 1] = fourBytes(bytes, start)
      const pointer = address + start
      u32[at + 2] = pointer % TWO_32
      u32[at + 3] = pointer / TWO_32
      return
    }
    u32[at + 1] = u32[at + 2] = u32[at + 3] = 0
    const { u8 } = this
    let to = row * 16 + 4
    for (let from = start; from < end; from++) u8[to++] = bytes[from] as number
  }
}

function fourBytes(bytes: Uint8Array, at: number): number {
  return (
    ((bytes[at] as number) |
      ((bytes[at + 1] as number) << 8) |
      ((bytes[at + 2] as number) << 16) |
      ((bytes[at + 3] as number) << 24)) >>>
    0
  )
}
