/**
 * Which attribute key is this, from its bytes? Records of one sender repeat their keys in the same order, so the key that
 * followed last time is tried first; no string is made for a key that is known.
 */

import { ATTR_ERROR_TYPE, ATTR_EXCEPTION_STACKTRACE, ATTR_EXCEPTION_TYPE } from '../../model/semconv.ts'

/** How the values of a key looked that went into `rest` since the last roll: decides about new columns. */
export type ValueKind = 'VARCHAR' | 'BIGINT' | 'DOUBLE' | 'BOOLEAN' | 'other'

/** What a pattern is made of: model/pattern.ts. */
export type PatternPart = 'errorType' | 'exceptionType' | 'stack'

const PATTERN_PARTS: ReadonlyMap<string, PatternPart> = new Map([
  [ATTR_ERROR_TYPE, 'errorType'],
  [ATTR_EXCEPTION_TYPE, 'exceptionType'],
  [ATTR_EXCEPTION_STACKTRACE, 'stack'],
])

export class AttributeKey {
  readonly name: string
  readonly bytes: Uint8Array
  /** The key's column in the batch (an index among the attribute columns), or -1: into `rest`. */
  column = -1
  /** Values in `rest` by kind, since the last look. */
  readonly seen: Record<ValueKind, number> = { VARCHAR: 0, BIGINT: 0, DOUBLE: 0, BOOLEAN: 0, other: 0 }
  /** The key that came after this one last time. */
  next: AttributeKey | undefined

  /** Undefined: none, as nearly all. */
  readonly part: PatternPart | undefined

  constructor(name: string, bytes: Uint8Array) {
    this.name = name
    this.part = PATTERN_PARTS.get(name)
    this.bytes = bytes
  }
}

/** More keys than any honest sender has: beyond it those without a column are forgotten, so that memory stays bounded. */
const MAX_KEYS = 20_000
/** Longer keys, and keys beyond this many of one hash (an attack), are not remembered; they go to `rest` all the same. */
const MAX_KEY_BYTES = 256
const MAX_CHAIN = 32

export class AttributeKeys {
  /** A value did not fit its key's column and went into `rest`. Whoever has dealt with it sets it back. */
  hasMismatch = false
  readonly #byHash = new Map<number, AttributeKey[]>()
  #count = 0

  /** @param previous  the key before this one in the record, or undefined for the first */
  find(bytes: Buffer, start: number, end: number, previous: AttributeKey | undefined): AttributeKey {
    const guess = previous?.next
    if (guess !== undefined && isSame(guess.bytes, bytes, start, end)) return guess
    const key = this.#lookUp(bytes, start, end)
    if (previous !== undefined) previous.next = key
    return key
  }

  /** The key of that name, made if need be. */
  named(name: string): AttributeKey {
    const bytes = Buffer.from(name)
    return this.#lookUp(bytes, 0, bytes.length)
  }

  *all(): Iterable<AttributeKey> {
    for (const keys of this.#byHash.values()) yield* keys
  }

  #lookUp(bytes: Buffer, start: number, end: number): AttributeKey {
    const hash = hashOf(bytes, start, end)
    const keys = this.#byHash.get(hash)
    const known = keys?.find((key) => isSame(key.bytes, bytes, start, end))
    if (known !== undefined) return known
    const key = new AttributeKey(bytes.utf8Slice(start, end), Uint8Array.prototype.slice.call(bytes, start, end))
    if (end - start > MAX_KEY_BYTES || (keys !== undefined && keys.length >= MAX_CHAIN)) return key
    if (this.#count >= MAX_KEYS) this.#forget()
    this.#count++
    const chain = this.#byHash.get(hash)
    if (chain === undefined) this.#byHash.set(hash, [key])
    else chain.push(key)
    return key
  }

  #forget(): void {
    const kept = [...this.all()].filter((key) => key.column >= 0)
    this.#byHash.clear()
    this.#count = kept.length
    for (const key of kept) {
      key.next = undefined
      const hash = hashOf(Buffer.from(key.bytes), 0, key.bytes.length)
      const chain = this.#byHash.get(hash)
      if (chain === undefined) this.#byHash.set(hash, [key])
      else chain.push(key)
    }
  }
}

/** FNV-1a. Keys are compared byte by byte afterwards: two keys of one hash are two keys. */
function hashOf(bytes: Uint8Array, start: number, end: number): number {
  let hash = 0x811c9dc5 ^ (end - start)
  for (let at = start; at < end; at++) hash = Math.imul(hash ^ (bytes[at] as number), 0x01000193)
  return hash
}

function isSame(key: Uint8Array, bytes: Uint8Array, start: number, end: number): boolean {
  if (key.length !== end - start) return false
  for (let i = 0; i < key.length; i++) if (key[i] !== bytes[start + i]) return false
  return true
}
