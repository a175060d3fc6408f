/**
 * Text of a stream of server-sent events -> its events, however the text was cut on its way.
 *
 * Takes time in proportion to the text and keeps one unfinished event at most, of bounded length: whoever sends may be hostile.
 * Source: WHATWG HTML, "Interpreting an event stream". `retry` is not looked at: when to come again is the client's own affair.
 */

/** Of one event, its field names included. UTF-16 units: a flat line of 64 KiB in which every character is escaped fits. */
export const MAX_EVENT_LENGTH = 524_288

export interface SentEvent {
  /** `message` where none is named. */
  readonly type: string
  readonly data: string
  /** The newest `id` of the stream so far, as sent. */
  readonly id: string | undefined
}

export interface SseParser {
  /** @returns the events that the text completes, without those longer than `MAX_EVENT_LENGTH` */
  push(text: string): SentEvent[]
  /** Events that were too long, so far. */
  readonly tooLong: number
}

export function createSseParser(): SseParser {
  return new Parser()
}

class Parser implements SseParser {
  tooLong = 0
  /** What is kept of the unfinished line, and how long it is in truth. */
  #line = ''
  #lineLength = 0
  #eventLength = 0
  /** A `\r` was the last character: a `\n` that follows belongs to it. */
  #afterReturn = false
  #type = ''
  #data: string[] = []
  #id: string | undefined

  push(text: string): SentEvent[] {
    if (text === '') return []
    const events: SentEvent[] = []
    let from = this.#afterReturn && text.startsWith('\n') ? 1 : 0
    this.#afterReturn = text.endsWith('\r')
    const ends = /\r\n?|\n/g
    ends.lastIndex = from
    for (let end = ends.exec(text); end !== null; end = ends.exec(text)) {
      this.#append(text.slice(from, end.index))
      this.#endLine(events)
      from = ends.lastIndex
    }
    this.#append(text.slice(from))
    return events
  }

  #append(text: string): void {
    this.#lineLength += text.length
    this.#eventLength += text.length
    if (this.#eventLength <= MAX_EVENT_LENGTH) this.#line += text
  }

  #endLine(events: SentEvent[]): void {
    const isBlank = this.#lineLength === 0
    const line = this.#line
    this.#line = ''
    this.#lineLength = 0
    if (isBlank) this.#endEvent(events)
    else if (this.#eventLength > MAX_EVENT_LENGTH) return
    else if (line.startsWith(':')) this.#eventLength -= line.length
    else this.#field(line)
  }

  #field(line: string): void {
    const colon = line.indexOf(':')
    const name = colon < 0 ? line : line.slice(0, colon)
    const value = colon < 0 ? '' : line.slice(line[colon + 1] === ' ' ? colon + 2 : colon + 1)
    if (name === 'event') this.#type = value
    if (name === 'data') this.#data.push(value)
    if (name === 'id' && !value.includes('\0')) this.#id = value
    // Newlines between lines of data are part of the event, too: a million empty lines are no short event.
    this.#eventLength++
  }

  #endEvent(events: SentEvent[]): void {
    if (this.#eventLength > MAX_EVENT_LENGTH) this.tooLong++
    else if (this.#data.length > 0) {
      events.push({ type: this.#type === '' ? 'message' : this.#type, data: this.#data.join('\n'), id: this.#id })
    }
    this.#type = ''
    this.#data = []
    this.#eventLength = 0
  }
}
