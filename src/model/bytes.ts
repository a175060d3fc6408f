/**
 * Text and hex to bytes and back, by the fastest means at hand: Node's Buffer where there is one, else the web's.
 *
 * The two unusual Buffer methods (utf8Write, utf8Slice) are those behind `buffer.write` and `toString`, without their
 * reading of arguments; checked once, because Node does not document them.
 */

type Utf8Write = (this: Uint8Array, text: string, at: number, maxBytes: number) => number
type Utf8Slice = (this: Uint8Array, start: number, end: number) => string

const NodeBuffer = globalThis.Buffer as typeof globalThis.Buffer | undefined
const methods = NodeBuffer?.prototype as unknown as { utf8Write?: Utf8Write; utf8Slice?: Utf8Slice } | undefined
const utf8Write = methods?.utf8Write
const utf8Slice = methods?.utf8Slice

const encoder = new TextEncoder()
/** Malformed bytes become U+FFFD, and a byte order mark is a character like any other: what came in is what is shown. */
const decoder = new TextDecoder('utf-8', { ignoreBOM: true })

/** Memory of our own, never from a pool: it may be transferred to another thread. Not zeroed where Node allows it. */
export function allocateBytes(size: number): Uint8Array<ArrayBuffer> {
  return NodeBuffer === undefined ? new Uint8Array(size) : NodeBuffer.allocUnsafeSlow(size)
}

/**
 * The bytes of memory that `allocateBytes` gave once, as it gives them: all memory that is written to is of one class, or V8 makes the
 * code of its writers anew, and for two classes.
 */
export function bytesOver(memory: ArrayBuffer): Uint8Array<ArrayBuffer> {
  return NodeBuffer === undefined ? new Uint8Array(memory) : NodeBuffer.from(memory)
}

/**
 * Writes the text as UTF-8; a lone surrogate becomes U+FFFD.
 *
 * @param bytes  from `allocateBytes`, with room for three bytes per UTF-16 unit from `at` on
 * @returns bytes written
 */
export function writeUtf8(bytes: Uint8Array, at: number, text: string): number {
  return utf8Write === undefined
    ? encoder.encodeInto(text, bytes.subarray(at)).written
    : utf8Write.call(bytes, text, at, text.length * 3)
}

/** The text of `bytes` from `start` to `end` (not included). */
export function readUtf8(bytes: Uint8Array, start: number, end: number): string {
  const length = end - start
  if (length < 6) {
    let text = ''
    for (let i = start; i < end; i++) {
      const byte = bytes[i] as number
      if (byte > 127) return readLongUtf8(bytes, start, end)
      text += String.fromCharCode(byte)
    }
    return text
  }
  return readLongUtf8(bytes, start, end)
}

function readLongUtf8(bytes: Uint8Array, start: number, end: number): string {
  return utf8Slice === undefined ? decoder.decode(bytes.subarray(start, end)) : utf8Slice.call(bytes, start, end)
}

/** UTF-8 bytes of a text, in memory of their own. */
export function utf8Bytes(text: string): Uint8Array<ArrayBuffer> {
  return encoder.encode(text)
}

/** How many bytes the text takes in UTF-8; a lone surrogate counts as U+FFFD. */
export function utf8Length(text: string): number {
  if (NodeBuffer !== undefined) return NodeBuffer.byteLength(text)
  let length = 0
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i)
    if (unit < 0x80) length += 1
    else if (unit < 0x800) length += 2
    else if (unit >= 0xd800 && unit <= 0xdbff && (text.charCodeAt(i + 1) & 0xfc00) === 0xdc00) {
      length += 4
      i++
    } else length += 3
  }
  return length
}

const HEX: readonly string[] = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'))

/** Lowercase hex digits of `bytes` from `start` to `end` (not included). */
export function hexOfBytes(bytes: Uint8Array, start = 0, end: number = bytes.length): string {
  let text = ''
  for (let i = start; i < end; i++) text += HEX[bytes[i] as number]
  return text
}

/**
 * Writes hex digits, of either case, as bytes.
 *
 * @returns whether the text was `length` bytes of hex; if not, nothing of use was written
 */
export function writeHex(bytes: Uint8Array, at: number, text: string, length: number): boolean {
  if (text.length !== length * 2) return false
  for (let i = 0; i < length; i++) {
    const high = hexDigit(text.charCodeAt(2 * i))
    const low = hexDigit(text.charCodeAt(2 * i + 1))
    if (high < 0 || low < 0) return false
    bytes[at + i] = (high << 4) | low
  }
  return true
}

function hexDigit(code: number): number {
  if (code >= 48 && code <= 57) return code - 48
  const letter = code | 32
  return letter >= 97 && letter <= 102 ? letter - 87 : -1
}

/** Base64 with padding, as in JSON. */
export function base64OfBytes(bytes: Uint8Array): string {
  if (NodeBuffer !== undefined) {
    return NodeBuffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64')
  }
  let binary = ''
  for (const byte of bytes) binary += String.fromCharCode(byte)
  return btoa(binary)
}

const BASE64 = /^[A-Za-z0-9+/_-]*={0,2}$/

/** Reads base64, also its URL form and without padding; `undefined` for anything else. */
export function bytesOfBase64(text: string): Uint8Array | undefined {
  if (!BASE64.test(text)) return undefined
  const plain = text.replaceAll('-', '+').replaceAll('_', '/').replace(/=+$/, '')
  if (plain.length % 4 === 1) return undefined
  if (NodeBuffer !== undefined) return new Uint8Array(NodeBuffer.from(plain, 'base64'))
  return Uint8Array.from(atob(plain), (character) => character.charCodeAt(0))
}
