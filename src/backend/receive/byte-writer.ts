/**
 * A growing buffer with protobuf's primitives.
 */

export class ByteWriter {
  #bytes: Buffer
  #at = 0

  constructor(capacity: number) {
    this.#bytes = Buffer.allocUnsafeSlow(Math.max(64, capacity))
  }

  /** What was written, in memory of its own. */
  take(): Uint8Array {
    const taken = this.#bytes.subarray(0, this.#at)
    // Far too large a buffer is not handed on: it would be held as long as the request.
    return this.#at * 2 < this.#bytes.length ? Buffer.from(new Uint8Array(taken).buffer) : taken
  }

  varint(value: number | bigint): void {
    this.#ensure(10)
    if (typeof value === 'number' && value >= 0 && value <= 0x7fff_ffff) {
      let rest = value
      while (rest > 127) {
        this.#bytes[this.#at++] = (rest & 127) | 128
        rest >>>= 7
      }
      this.#bytes[this.#at++] = rest
      return
    }
    let rest = BigInt.asUintN(64, BigInt(value))
    while (rest > 127n) {
      this.#bytes[this.#at++] = Number(rest & 127n) | 128
      rest >>= 7n
    }
    this.#bytes[this.#at++] = Number(rest)
  }

  fixed64(value: bigint): void {
    this.#ensure(8)
    this.#at = this.#bytes.writeBigUInt64LE(BigInt.asUintN(64, value), this.#at)
  }

  fixed32(value: number): void {
    this.#ensure(4)
    this.#at = this.#bytes.writeUInt32LE(value >>> 0, this.#at)
  }

  double(value: number): void {
    this.#ensure(8)
    this.#at = this.#bytes.writeDoubleLE(value, this.#at)
  }

  raw(bytes: Uint8Array): void {
    this.#ensure(bytes.length)
    this.#bytes.set(bytes, this.#at)
    this.#at += bytes.length
  }

  /** Writes what `write` writes, with its length before it. */
  delimited(write: () => void): void {
    this.#ensure(1)
    // Most messages are short: room for one byte, and the rest moves when that was not enough.
    const start = ++this.#at
    write()
    const length = this.#at - start
    const extra = varintBytes(length) - 1
    if (extra > 0) {
      this.#ensure(extra)
      this.#bytes.copyWithin(start + extra, start, this.#at)
    }
    const end = this.#at + extra
    this.#at = start - 1
    this.varint(length)
    this.#at = end
  }

  #ensure(extra: number): void {
    if (this.#at + extra <= this.#bytes.length) return
    const larger = Buffer.allocUnsafeSlow(Math.max(this.#bytes.length * 2, this.#at + extra))
    // All of it: `delimited` goes back to write a length before what stands there already.
    larger.set(this.#bytes)
    this.#bytes = larger
  }
}

function varintBytes(value: number): number {
  let bytes = 1
  for (let rest = value; rest > 127; rest = Math.floor(rest / 128)) bytes++
  return bytes
}
