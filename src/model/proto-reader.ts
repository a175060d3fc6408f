/**
 * What stands in these protobuf bytes, of whomever? Values, one after the other: never beyond the end of the message at hand, one
 * error type for all faults.
 *
 * The one reader for decoding, checking and answers. The store alone has another, backend/store/proto-cursor.ts: it wants places in
 * the bytes, and this one gives a text, a bigint, an id in hex for each field.
 */
import { hexOfBytes, readUtf8 } from './bytes.ts'
import { OtlpDecodeError } from './otlp-data.ts'
import { fieldNumberOf, WIRE, wireTypeOf } from './otlp-schema.ts'

export class ProtoReader {
  readonly bytes: Uint8Array
  pos = 0
  /** Where the message at hand ends. */
  end: number
  readonly #view: DataView

  constructor(bytes: Uint8Array) {
    this.bytes = bytes
    this.end = bytes.length
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  }

  /** A tag; 0 at the end of the message. Nearly all tags are one byte. */
  tag(): number {
    if (this.pos >= this.end) return 0
    const first = this.bytes[this.pos] as number
    let tag = first
    if (first < 128) this.pos++
    else tag = this.varint()
    if (fieldNumberOf(tag) === 0 || tag > 0xffff_ffff) return this.fail('field number 0')
    return tag
  }

  /** An unsigned varint; beyond 2^53 it is rounded (see `int64`). */
  varint(): number {
    const { bytes, end } = this
    let p = this.pos
    // Most lengths and numbers are one byte.
    const first = bytes[p] as number
    if (first < 128 && p < end) {
      this.pos = p + 1
      return first
    }
    let value = 0
    let scale = 1
    for (let i = 0; i < 10 && p < end; i++) {
      const byte = bytes[p++] as number
      value += (byte & 127) * scale
      if (byte < 128) {
        this.pos = p
        return value
      }
      scale *= 128
    }
    return this.fail('varint without an end')
  }

  /** A signed 64-bit varint: a number where that is exact, else a bigint. */
  int64(): number | bigint {
    const start = this.pos
    const value = this.varint()
    if (value <= Number.MAX_SAFE_INTEGER) return value
    return exactInt64(this.bytes, start, this.pos)
  }

  fixed64(): bigint {
    const at = this.#take(8)
    return this.#view.getBigUint64(at, true)
  }

  fixed32(): number {
    return this.#view.getUint32(this.#take(4), true)
  }

  double(): number {
    return this.#view.getFloat64(this.#take(8), true)
  }

  /** Malformed UTF-8 becomes U+FFFD: a wrong byte is no reason to lose a record. */
  text(): string {
    const length = this.varint()
    const start = this.#take(length)
    return readUtf8(this.bytes, start, this.pos)
  }

  /** Like `text`, for names that come again and again: attribute keys. */
  key(): string {
    const length = this.varint()
    const start = this.#take(length)
    return knownKey(this.bytes, start, this.pos)
  }

  /** A copy: the request's memory may be used again. */
  copy(): Uint8Array {
    const length = this.varint()
    const start = this.#take(length)
    return new Uint8Array(this.bytes.subarray(start, this.pos))
  }

  /** Lowercase hex of an id of exactly `length` bytes that is not all zero; anything else is no id: `''`. */
  id(length: number): string {
    const size = this.varint()
    const start = this.#take(size)
    if (size !== length) return ''
    for (let i = start; i < this.pos; i++) {
      if (this.bytes[i] !== 0) return hexOfBytes(this.bytes, start, this.pos)
    }
    return ''
  }

  /**
   * Steps into an embedded message: `pos` and `end` are its own until `leave`.
   *
   * @returns the outer end, for `leave`
   */
  enter(): number {
    const length = this.varint()
    const outerEnd = this.end
    if (length > outerEnd - this.pos) return this.fail('length beyond the end')
    this.end = this.pos + length
    return outerEnd
  }

  leave(outerEnd: number): void {
    this.pos = this.end
    this.end = outerEnd
  }

  /** Steps over a field, known or not, after its tag. */
  skip(tag: number): void {
    switch (wireTypeOf(tag)) {
      case WIRE.varint:
        this.varint()
        return
      case WIRE.fixed64:
        this.#take(8)
        return
      case WIRE.bytes: {
        const length = this.varint()
        this.#take(length)
        return
      }
      case WIRE.fixed32:
        this.#take(4)
        return
      default:
        this.fail(`wire type ${wireTypeOf(tag)}`)
    }
  }

  fail(what: string): never {
    throw new OtlpDecodeError(`not OTLP/protobuf: ${what} at byte ${this.pos}`)
  }

  #take(length: number): number {
    const start = this.pos
    if (length > this.end - start) this.fail('length beyond the end')
    this.pos = start + length
    return start
  }
}

interface KnownKey {
  readonly bytes: Uint8Array
  readonly text: string
}

/** One key per slot; the newest stays. Decoding takes a quarter less time with it (test/bench/codec.bench.ts). */
const knownKeys: (KnownKey | undefined)[] = Array.from({ length: 1024 })
const MAX_KNOWN_LENGTH = 64

function knownKey(bytes: Uint8Array, start: number, end: number): string {
  if (end - start > MAX_KNOWN_LENGTH) return readUtf8(bytes, start, end)
  let hash = end - start
  for (let i = start; i < end; i++) hash = (Math.imul(hash, 31) + (bytes[i] as number)) | 0
  const slot = hash & 1023
  const known = knownKeys[slot]
  if (known !== undefined && isSame(known.bytes, bytes, start, end)) return known.text
  const text = readUtf8(bytes, start, end)
  // Not `slice`: of a Buffer it is a view, and the memory is used again.
  knownKeys[slot] = { bytes: new Uint8Array(bytes.subarray(start, end)), text }
  return text
}

function isSame(known: Uint8Array, bytes: Uint8Array, start: number, end: number): boolean {
  const { length } = known
  if (length !== end - start) return false
  for (let i = 0; i < length; i++) if (known[i] !== bytes[start + i]) return false
  return true
}

function exactInt64(bytes: Uint8Array, start: number, end: number): number | bigint {
  let value = 0n
  for (let i = end - 1; i >= start; i--) value = (value << 7n) | BigInt((bytes[i] as number) & 127)
  const signed = BigInt.asIntN(64, value)
  const number = Number(signed)
  return Number.isSafeInteger(number) ? number : signed
}
