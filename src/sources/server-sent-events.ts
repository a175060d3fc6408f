/**
 * Server-sent events from a stream of bytes: which events have arrived whole?
 *
 * Source: WHATWG HTML, "Event stream interpretation". `retry` is read and ignored: tail reconnects by its own rule.
 */

/** One dispatched event. */
export interface ServerSentEvent {
  /** `message` when the stream named none. */
  readonly event: string
  readonly data: string
  /** The newest id seen so far on this stream; `''` = none yet. */
  readonly id: string
}

/** @yields each event that has data; one that the stream's end cuts off is dropped, as the specification says */
export async function* readServerSentEvents(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<ServerSentEvent> {
  let id = ''
  let event = ''
  let data: string[] = []
  for await (const line of readLines(bytes)) {
    if (line === '') {
      if (data.length > 0) yield { event: event === '' ? 'message' : event, data: data.join('\n'), id }
      event = ''
      data = []
      continue
    }
    const { field, value } = splitField(line)
    if (field === 'data') data.push(value)
    else if (field === 'event') event = value
    else if (field === 'id' && !value.includes('\0')) id = value
  }
}

/** A comment (`: ping`) has the empty field name and is ignored by the caller. */
function splitField(line: string): { field: string; value: string } {
  const colon = line.indexOf(':')
  if (colon < 0) return { field: line, value: '' }
  const from = line[colon + 1] === ' ' ? colon + 2 : colon + 1
  return { field: line.slice(0, colon), value: line.slice(from) }
}

async function* readLines(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder()
  let rest = ''
  for await (const chunk of bytes) {
    rest += decoder.decode(chunk, { stream: true })
    // A lone \r at the very end may be the first half of \r\n: wait for what follows.
    const parts = rest.split(/\r\n|\n|\r(?!$)/)
    rest = parts.pop() ?? ''
    yield* parts
  }
  if (rest.endsWith('\r')) yield rest.slice(0, -1)
}
