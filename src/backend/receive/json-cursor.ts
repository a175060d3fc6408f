/**
 * Reads JSON text piece by piece, on its bytes: no object is made for what nobody asked for.
 *
 * JSON.parse of a hostile 64 MiB body makes gigabytes of objects; this makes none, and keeps integers beyond 2^53 exact.
 * RFC 8259, strictly, but for one thing: a duplicate key counts twice, as it does in protobuf.
 */
import { Refusal } from './receive-sink.ts'

const QUOTE = 0x22
const BACKSLASH = 0x5c
const COMMA = 0x2c
const COLON = 0x3a
const OPEN_OBJECT = 0x7b
const CLOSE_OBJECT = 0x7d
const OPEN_ARRAY = 0x5b
const CLOSE_ARRAY = 0x5d
/** Brackets inside each other in a part that is passed over. */
const MAX_SKIP_DEPTH = 1_000
const NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/
/** Longest spelling of a number that is read. Bytes. */
const MAX_NUMBER = 400

/** Where a string's inside stands in the bytes. */
export interface JsonText {
  readonly start: number
  /** Of the closing quote. */
  readonly end: number
  readonly isEscaped: boolean
}

export type JsonKind = 'object' | 'array' | 'string' | 'number' | 'true' | 'false' | 'null'

export class JsonCursor {
  readonly bytes: Buffer
  #at = 0

  constructor(bytes: Uint8Array) {
    this.bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    // A byte order mark is not JSON, but some programs cannot help it.
    if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) this.#at = 3
  }

  /** What comes next, without reading it. @throws Refusal `malformed` */
  peek(): JsonKind {
    const byte = this.#next()
    switch (byte) {
      case OPEN_OBJECT:
        return 'object'
      case OPEN_ARRAY:
        return 'array'
      case QUOTE:
        return 'string'
      case 0x74:
        return 'true'
      case 0x66:
        return 'false'
      case 0x6e:
        return 'null'
      default:
        if (byte === 0x2d || (byte >= 0x30 && byte <= 0x39)) return 'number'
        throw this.wrong('a value')
    }
  }

  /** Reads an object: `field` is called before each value and MUST read it. */
  object(field: (key: JsonText) => void): void {
    this.#expect(OPEN_OBJECT, '"{"')
    if (this.#next() === CLOSE_OBJECT) return void this.#at++
    for (;;) {
      const key = this.text()
      this.#expect(COLON, '":"')
      field(key)
      if (this.#endsList(CLOSE_OBJECT, '"," or "}"')) return
    }
  }

  /** Reads an array: `item` is called before each value and MUST read it. */
  array(item: (index: number) => void): void {
    this.#expect(OPEN_ARRAY, '"["')
    if (this.#next() === CLOSE_ARRAY) return void this.#at++
    for (let index = 0; ; index++) {
      item(index)
      if (this.#endsList(CLOSE_ARRAY, '"," or "]"')) return
    }
  }

  /** Reads a string and says where it stands. */
  text(): JsonText {
    this.#expect(QUOTE, 'a string')
    const { bytes } = this
    const start = this.#at
    let isEscaped = false
    for (let at = start; at < bytes.length; at++) {
      const byte = bytes[at] as number
      if (byte === QUOTE) {
        this.#at = at + 1
        return { start, end: at, isEscaped }
      }
      if (byte === BACKSLASH) {
        isEscaped = true
        at++
      } else if (byte < 0x20) {
        this.#at = at
        throw this.wrong('no control character in a string')
      }
    }
    this.#at = bytes.length
    throw this.wrong('the end of a string')
  }

  /** The characters of a string. @throws Refusal for an escape that JSON does not have */
  valueOf(text: JsonText): string {
    const { start, end, isEscaped } = text
    if (!isEscaped) return this.bytes.toString('utf8', start, end)
    try {
      return JSON.parse(this.bytes.toString('utf8', start - 1, end + 1)) as string
    } catch {
      this.#at = start
      throw this.wrong('a string with escapes that JSON has')
    }
  }

  /** Whether a string without escapes has exactly these bytes. */
  isText({ start, end }: JsonText, expected: Uint8Array): boolean {
    if (end - start !== expected.length) return false
    for (let at = 0; at < expected.length; at++) if (this.bytes[start + at] !== expected[at]) return false
    return true
  }

  /** The spelling of a number. */
  number(): string {
    this.#next()
    const { bytes } = this
    const start = this.#at
    let at = start
    while (at < bytes.length && isNumberByte(bytes[at] as number)) at++
    const text = at - start > MAX_NUMBER ? '' : bytes.toString('latin1', start, at)
    if (!NUMBER.test(text)) throw this.wrong('a number')
    this.#at = at
    return text
  }

  /** Reads `true`, `false` or `null`. */
  literal(word: 'true' | 'false' | 'null'): void {
    this.#next()
    if (this.bytes.toString('latin1', this.#at, this.#at + word.length) !== word) throw this.wrong(word)
    this.#at += word.length
  }

  /** Passes over one value of any kind. */
  skip(depth = 0): void {
    if (depth > MAX_SKIP_DEPTH) throw this.wrong('less nesting')
    const kind = this.peek()
    if (kind === 'object') this.object(() => this.skip(depth + 1))
    else if (kind === 'array') this.array(() => this.skip(depth + 1))
    else if (kind === 'string') this.text()
    else if (kind === 'number') this.number()
    else this.literal(kind)
  }

  /** Only white space may follow. */
  finish(): void {
    this.#skipSpace()
    if (this.#at < this.bytes.length) throw this.wrong('the end of the text')
  }

  wrong(expected: string): Refusal {
    return new Refusal('malformed', `the body is not OTLP/JSON: expected ${expected} at byte ${this.#at}`)
  }

  #endsList(close: number, expected: string): boolean {
    const byte = this.#next()
    this.#at++
    if (byte === COMMA) return false
    if (byte === close) return true
    this.#at--
    throw this.wrong(expected)
  }

  #expect(byte: number, name: string): void {
    if (this.#next() !== byte) throw this.wrong(name)
    this.#at++
  }

  #next(): number {
    this.#skipSpace()
    return this.bytes[this.#at] ?? -1
  }

  #skipSpace(): void {
    const { bytes } = this
    for (;;) {
      const byte = bytes[this.#at]
      if (byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09) return
      this.#at++
    }
  }
}

function isNumberByte(byte: number): boolean {
  return (
    (byte >= 0x30 && byte <= 0x39) || byte === 0x2d || byte === 0x2b || byte === 0x2e || byte === 0x65 || byte === 0x45
  )
}
