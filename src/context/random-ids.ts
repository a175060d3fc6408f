/**
 * Where do trace ids and span ids come from? The system's random source, in blocks: a call per id would cost 1 us.
 *
 * All 16 bytes of a trace id are random, so new traces carry the random flag of Trace Context level 2.
 */

/** Random bytes fetched at a time, and written as hex at once; 24 bytes make the ids of one root span. */
const BLOCK_BYTES = 4_080

/** Some of a block's bytes are ids. */
export interface RandomBlock {
  readonly bytes: Uint8Array
  /** The same, two digits for each byte. */
  readonly hex: string
}

let block: RandomBlock = { bytes: new Uint8Array(0), hex: '' }
let used = 0

/** @returns 32 lowercase hex digits, not all zero */
export function randomTraceId(): string {
  return randomHex(16)
}

/** @returns 16 lowercase hex digits, not all zero */
export function randomSpanId(): string {
  return randomHex(8)
}

function randomHex(length: number): string {
  const at = takeRandom(length)
  return block.hex.slice(at * 2, (at + length) * 2)
}

/**
 * Bytes of `randomBlock()`, for one caller.
 *
 * @returns where they begin; the last eight are not all zero
 */
export function takeRandom(length: number): number {
  if (used + length > block.bytes.length) {
    // Loaded by the first span: 2.6 ms that a process without spans does not pay (Node 24).
    const bytes = process.getBuiltinModule('node:crypto').randomBytes(BLOCK_BYTES)
    block = { bytes, hex: bytes.toString('hex') }
    used = 0
  }
  const at = used
  used += length
  return isZero(block.bytes, at + length - 8) ? takeRandom(length) : at
}

/** The block of the last `takeRandom`. */
export function randomBlock(): RandomBlock {
  return block
}

function isZero(bytes: Uint8Array, at: number): boolean {
  for (let i = at; i < at + 8; i++) if (bytes[i] !== 0) return false
  return true
}
