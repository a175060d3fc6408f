/**
 * Where in these protobuf bytes does each field stand? Walks them in place: no JavaScript value is made but numbers.
 *
 * Not ProtoReader (model/proto-reader.ts), which makes a value of each field: the store copies ids, times and texts from the bytes
 * to its columns, and reads a message's fields in the order that it needs (`find`) and not in the sender's.
 * Every length is checked against the message around it, so that no reader can leave its record; a fault throws
 * MalformedError, which the store counts as a corrupt request.
 */
import { WIRE, wireTypeOf } from '../../model/otlp-schema.ts'

export class MalformedError extends Error {}

export class ProtoCursor {
  bytes: Buffer = Buffer.alloc(0)
  at = 0
  #view: DataView = new DataView(new ArrayBuffer(0))

  open(bytes: Uint8Array): void {
    this.bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    this.at = 0
  }

  /** A varint as a number: exact to 53 bits, which covers tags, lengths, counts and enums. */
  varint(): number {
    const { bytes } = this
    let byte = bytes[this.at++] as number
    if (byte < 128) return byte
    let value = byte & 127
    let scale = 128
    for (let i = 1; i < 10; i++) {
      byte = bytes[this.at++] as number
      value += (byte & 127) * scale
      scale *= 128
      if (byte < 128) return value
    }
    throw new MalformedError('A varint has more than 10 bytes or has no end')
  }

  /** An int64 varint, exact. */
  int64(): bigint {
    let value = 0n
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = this.bytes[this.at++]
      if (byte === undefined) break
      value |= BigInt(byte & 127) << shift
      if (byte < 128) return BigInt.asIntN(64, value)
    }
    throw new MalformedError('A varint has more than 10 bytes or has no end')
  }

  /** Reads a length and returns where that field ends. */
  end(limit: number): number {
    const length = this.varint()
    const end = this.at + length
    if (!(end <= limit)) throw new MalformedError(`A field of ${length} bytes leaves its message`)
    return end
  }

  /** Skips a field by its wire type. */
  skip(tag: number, limit: number): void {
    switch (wireTypeOf(tag)) {
      case WIRE.varint:
        this.varint()
        break
      case WIRE.fixed64:
        this.at += 8
        break
      case WIRE.bytes:
        this.at = this.end(limit)
        break
      case WIRE.fixed32:
        this.at += 4
        break
      default:
        throw new MalformedError(`Wire type ${wireTypeOf(tag)} is unknown`)
    }
    if (!(this.at <= limit)) throw new MalformedError('A field leaves its message')
  }

  /** Where the first field `tag` of the message from here to `limit` begins (after its length) and ends; the cursor stays. */
  find(tag: number, limit: number): readonly [number, number] | undefined {
    const from = this.at
    let found: readonly [number, number] | undefined
    while (this.at < limit && found === undefined) {
      const next = this.varint()
      if (next === tag) {
        const end = this.end(limit)
        found = [this.at, end]
      } else this.skip(next, limit)
    }
    this.at = from
    return found
  }

  fixed64Low(): number {
    return this.#view.getUint32(this.at, true)
  }
  fixed64High(): number {
    return this.#view.getUint32(this.at + 4, true)
  }
  fixed32(): number {
    return this.#view.getUint32(this.at, true)
  }
  double(): number {
    return this.#view.getFloat64(this.at, true)
  }
  /** Four bytes, most significant first: a quarter of a trace id. */
  word(at: number): number {
    return this.#view.getUint32(at, false)
  }
}
