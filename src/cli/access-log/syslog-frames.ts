/**
 * A stream of syslog over TCP -> its messages: which have arrived whole? (RFC 6587)
 *
 * A message that begins with a digit says its length (octet counting), one that begins with `<` ends with a newline; a sender may mix
 * them. A message beyond the limit is passed over and counted, the next one is read. Anything else is nobody's syslog. Each byte is
 * looked at once and copied twice at most, however the stream is cut into chunks.
 */

/** Longest message. Bytes; collector/load-balancers/haproxy.cfg says 16 KiB. */
export const MAX_MESSAGE_BYTES = 65_536
/** More digits are no length. */
const MAX_DIGITS = 9

const NEWLINE = 0x0a
const RETURN = 0x0d
const BLANK = 0x20
const ZERO = 0x30
const LESS = 0x3c
const INITIAL_BYTES = 1_024

export interface SyslogListener {
  onMessage(message: string): void
  /** A message was longer than the limit, and is not kept. */
  onTooLong(): void
}

/** Where in the stream we are: between messages, in the digits of a length, in a message. */
type Place = 'between' | 'length' | 'counted' | 'line'

export class SyslogFrames {
  readonly #listener: SyslogListener
  #place: Place = 'between'
  #digits = 0
  /** Of a counted message: what is still to come. */
  #left = 0
  /** Of one that is too long nothing is kept. */
  #isPassedOver = false
  #kept = Buffer.alloc(0)
  #length = 0

  constructor(listener: SyslogListener) {
    this.#listener = listener
  }

  /** @returns false when it is no syslog: nothing after it can be read */
  take(chunk: Uint8Array): boolean {
    let at = 0
    while (at < chunk.length) {
      const next = this.#step(chunk, at)
      if (next < 0) return false
      at = next
    }
    return true
  }

  /** The stream has ended: what ends with a newline may end with it, too. */
  end(): void {
    if (this.#place === 'line') this.#finish()
  }

  /** @returns where to go on; -1: it is no syslog */
  #step(chunk: Uint8Array, at: number): number {
    switch (this.#place) {
      case 'between':
        return this.#begin(chunk[at] as number, at)
      case 'length':
        return this.#digit(chunk[at] as number, at)
      case 'counted':
        return this.#takeCounted(chunk, at)
      default:
        return this.#takeLine(chunk, at)
    }
  }

  #begin(byte: number, at: number): number {
    // Counting senders may end their messages with a newline all the same.
    if (byte === NEWLINE || byte === RETURN) return at + 1
    if (byte === LESS) {
      this.#place = 'line'
      return at
    }
    if (!isDigit(byte) || byte === ZERO) return -1
    this.#place = 'length'
    this.#digits = 0
    this.#left = 0
    return at
  }

  #digit(byte: number, at: number): number {
    if (isDigit(byte) && this.#digits < MAX_DIGITS) {
      this.#digits += 1
      this.#left = this.#left * 10 + byte - ZERO
      return at + 1
    }
    if (byte !== BLANK) return -1
    this.#place = 'counted'
    this.#isPassedOver = this.#left > MAX_MESSAGE_BYTES
    return at + 1
  }

  #takeCounted(chunk: Uint8Array, at: number): number {
    const end = Math.min(at + this.#left, chunk.length)
    this.#keep(chunk.subarray(at, end))
    this.#left -= end - at
    if (this.#left === 0) this.#finish()
    return end
  }

  #takeLine(chunk: Uint8Array, at: number): number {
    const newline = chunk.indexOf(NEWLINE, at)
    const end = newline < 0 ? chunk.length : newline
    this.#keep(chunk.subarray(at, end))
    if (newline < 0) return end
    this.#finish()
    return end + 1
  }

  #keep(bytes: Uint8Array): void {
    const length = this.#length + bytes.length
    if (length > MAX_MESSAGE_BYTES) this.#isPassedOver = true
    if (this.#isPassedOver) return
    if (length > this.#kept.length) this.#grow(length)
    this.#kept.set(bytes, this.#length)
    this.#length = length
  }

  #grow(length: number): void {
    const larger = Buffer.allocUnsafe(Math.max(INITIAL_BYTES, length, 2 * this.#kept.length))
    this.#kept.copy(larger, 0, 0, this.#length)
    this.#kept = larger
  }

  #finish(): void {
    const isPassedOver = this.#isPassedOver
    const message = isPassedOver ? '' : this.#kept.toString('utf8', 0, this.#length)
    this.#place = 'between'
    this.#length = 0
    this.#isPassedOver = false
    // One long message must not be held for as long as the connection lives.
    this.#kept = Buffer.alloc(0)
    if (isPassedOver) this.#listener.onTooLong()
    else this.#listener.onMessage(message)
  }
}

function isDigit(byte: number): boolean {
  return byte >= ZERO && byte <= ZERO + 9
}
