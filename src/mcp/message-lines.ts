/**
 * Bytes -> messages, one a line, however they are cut. A line beyond the bound is told once and its rest is passed over.
 */

/** One message at most. Bytes. Source: spec, "Safety". */
export const MAX_MESSAGE_BYTES = 1_048_576

/** @yields the text of each line that is not blank; undefined for one that is too long. What ends without a line feed is none */
export async function* readMessageLines(
  chunks: AsyncIterable<Uint8Array>,
  maxBytes: number = MAX_MESSAGE_BYTES,
): AsyncGenerator<string | undefined> {
  const decoder = new TextDecoder()
  let parts: Uint8Array[] = []
  let held = 0
  let isTooLong = false
  for await (const chunk of chunks) {
    let from = 0
    while (from < chunk.length) {
      const end = chunk.indexOf(LINE_FEED, from)
      const part = chunk.subarray(from, end < 0 ? chunk.length : end)
      from += part.length + 1
      if (!isTooLong && held + part.length > maxBytes) {
        isTooLong = true
        parts = []
        yield undefined
      }
      if (!isTooLong) {
        parts.push(part)
        held += part.length
      }
      if (end < 0) continue
      const text = decoder.decode(joined(parts, held)).trim()
      if (!isTooLong && text !== '') yield text
      parts = []
      held = 0
      isTooLong = false
    }
  }
}

const LINE_FEED = 0x0a

function joined(parts: readonly Uint8Array[], length: number): Uint8Array {
  const [only] = parts
  if (parts.length === 1 && only !== undefined) return only
  const all = new Uint8Array(length)
  let at = 0
  for (const part of parts) {
    all.set(part, at)
    at += part.length
  }
  return all
}
