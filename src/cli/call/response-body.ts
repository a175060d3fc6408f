/**
 * The body of a response on standard output: its bytes as they are; on a terminal as text that it shows and does not obey.
 */
import { visibleBlock } from '../../model/visible-text.ts'
import type { Output } from '../io.ts'

export async function printBody(response: Response, out: Output): Promise<void> {
  if (response.body === null) return
  const decoder = new TextDecoder()
  for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) {
    if (out.isTerminal) out.write(visibleBlock(decoder.decode(chunk, { stream: true }).replaceAll('\r\n', '\n')))
    else out.writeBytes(chunk)
    await out.drained()
  }
}
