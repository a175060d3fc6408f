/**
 * Chunks to one array that owns its memory, so that it can be transferred to another thread.
 */

/** @param total  the sum of the chunks' lengths */
export function joinBytes(chunks: readonly Uint8Array[], total: number): Uint8Array {
  // allocUnsafeSlow never hands out a piece of Node's shared pool, which must not be transferred.
  const joined = Buffer.allocUnsafeSlow(total)
  let at = 0
  for (const chunk of chunks) {
    joined.set(chunk, at)
    at += chunk.length
  }
  return joined
}
