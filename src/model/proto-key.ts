/**
 * Attribute keys as bytes, each made once; and the varints of lengths.
 */
import { utf8Bytes } from './bytes.ts'
import { KEY_VALUE } from './otlp-schema.ts'
import { DOUBLE_KEYS } from './semconv.ts'

export interface KeyBytes {
  /** All of a KeyValue that comes before the value's length: tag, length and text of the key, tag of the value. */
  readonly bytes: Uint8Array
  readonly isDouble: boolean
}

const keyCache = new Map<string, KeyBytes>()
/** Applications use a few hundred keys; ids in the place of keys must not fill the memory. */
const MAX_CACHED_KEYS = 4096
const MAX_CACHED_KEY_LENGTH = 256

/** From the cache, or made and kept for the next record. */
export function keyBytesOf(key: string): KeyBytes {
  const cached = keyCache.get(key)
  if (cached !== undefined) return cached
  const text = utf8Bytes(key)
  const bytes = new Uint8Array(text.length + 2 + varintLength(text.length))
  bytes[0] = KEY_VALUE.key
  const at = putVarint(bytes, 1, text.length)
  bytes.set(text, at)
  bytes[at + text.length] = KEY_VALUE.value
  const made = { bytes, isDouble: DOUBLE_KEYS.has(key) }
  if (keyCache.size < MAX_CACHED_KEYS && key.length <= MAX_CACHED_KEY_LENGTH) keyCache.set(key, made)
  return made
}

/** Bytes of a varint, for lengths up to 4 GiB. */
export function varintLength(value: number): number {
  if (value < 0x80) return 1
  if (value < 0x4000) return 2
  if (value < 0x20_0000) return 3
  return value < 0x1000_0000 ? 4 : 5
}

/** @returns where the next byte goes */
export function putVarint(bytes: Uint8Array, at: number, value: number): number {
  let p = at
  let rest = value
  while (rest > 127) {
    bytes[p++] = (rest & 127) | 128
    rest >>>= 7
  }
  bytes[p++] = rest
  return p
}

/** `length` bytes, all but the last with the "more follows" bit, whatever the value. */
export function putPadded(bytes: Uint8Array, at: number, value: number, length: number): void {
  let rest = value
  let p = at
  for (let i = length; i > 1; i--) {
    bytes[p++] = (rest & 127) | 128
    rest >>>= 7
  }
  bytes[p] = rest
}
