/**
 * Bytes that a batch makes itself (JSON, repaired text), one after the other in one growing buffer.
 *
 * Cleared with its batch; readers keep offsets, never views, because growing moves the bytes.
 */

const FIRST_BYTES = 64 * 1024

export class ByteArena {
  #bytes: Buffer = Buffer.allocUnsafeSlow(FIRST_BYTES)
  used = 0

  get bytes(): Buffer {
    return this.#bytes
  }

  clear(): void {
    this.used = 0
  }

  /** Makes room for `count` more bytes. */
  reserve(count: number): void {
    if (this.used + count <= this.#bytes.length) return
    const grown = Buffer.allocUnsafeSlow(Math.max(this.#bytes.length * 2, this.used + count))
    this.#bytes.copy(grown, 0, 0, this.used)
    this.#bytes = grown
  }

  byte(value: number): void {
    if (this.used === this.#bytes.length) this.reserve(1)
    this.#bytes[this.used++] = value
  }

  ascii(text: string): void {
    this.reserve(text.length)
    this.used += this.#bytes.latin1Write(text, this.used)
  }

  /** Well-formed UTF-8, whatever the text holds. */
  text(text: string): void {
    this.reserve(text.length * 3)
    this.used += this.#bytes.utf8Write(text.toWellFormed(), this.used)
  }

  copy(source: Uint8Array, start: number, end: number): void {
    const count = end - start
    this.reserve(count)
    this.#bytes.set(source.subarray(start, end), this.used)
    this.used += count
  }
}
