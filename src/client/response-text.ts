/**
 * The text of a response, as it comes, whatever the server sends.
 */

/**
 * Ends the response when its reader leaves.
 *
 * @yields pieces of its text as they arrive
 */
export async function* textOf(response: Response): AsyncGenerator<string, void, undefined> {
  // Not `for await`: not every browser can do that with a stream.
  const reader = response.body?.getReader()
  if (reader === undefined) return
  const decoder = new TextDecoder()
  try {
    for (let piece = await reader.read(); !piece.done; piece = await reader.read()) {
      yield decoder.decode(piece.value, { stream: true })
    }
  } finally {
    // Of a connection that is broken already; nobody waits for what the other side says.
    reader.cancel().catch(() => {})
  }
}

/** @returns the whole text; rejects when it is longer than `maxLength` UTF-16 units */
export async function readText(response: Response, maxLength: number): Promise<string> {
  let text = ''
  for await (const piece of textOf(response)) {
    text += piece
    if (text.length > maxLength) throw new Error('too long')
  }
  return text
}
