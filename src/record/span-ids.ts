/**
 * Where do trace ids and span ids come from? The system's random source, in blocks: a call per id would cost 1 us.
 *
 * All 16 bytes of a trace id are random, so new traces carry the random flag of Trace Context level 2.
 */
/** Random bytes fetched at a time, and written as hex at once; 24 bytes make the ids of one root span. */
const BLOCK_BYTES = 4_096

let digits = ''
let used = 0

/** @returns 32 lowercase hex digits, not all zero */
export function randomTraceId(): string {
  return randomHex(32)
}

/** @returns 16 lowercase hex digits, not all zero */
export function randomSpanId(): string {
  return randomHex(16)
}

const ZEROS = '0'.repeat(32)

function randomHex(length: number): string {
  if (used + length > digits.length) {
    // Loaded by the first span: 2.6 ms that a process without spans does not pay (Node 24).
    digits = process.getBuiltinModule('node:crypto').randomBytes(BLOCK_BYTES).toString('hex')
    used = 0
  }
  const hex = digits.slice(used, used + length)
  used += length
  return ZEROS.startsWith(hex) ? randomHex(length) : hex
}
