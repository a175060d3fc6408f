/**
 * Sends the events of one stream to one reader as server-sent events. Written only while the reader takes it: whoever feeds the stream is
 * never held up, and what a slow reader misses is told by `gap`.
 */
import type { ServerResponse } from 'node:http'

import { soon } from '../diag/timers.ts'
import type { StreamEvent } from './return-stream.ts'
import type { OpenStream } from './return-streams.ts'

/** Of events, in one write. Characters. */
const WRITE_SIZE = 64 * 1024
/** Between two signs of life. Milliseconds. */
const COMMENT_MILLIS = 15_000

/** What answers the reader; `flush` is there behind a compressing middleware, `stream` where it is HTTP/2. */
type Answer = Omit<ServerResponse, 'writableNeedDrain'> & {
  readonly flush?: unknown
  readonly writableNeedDrain?: boolean
  readonly stream?: { readonly writableNeedDrain: boolean }
}

export interface EventStreamOptions {
  readonly stream: OpenStream
  readonly response: Answer
  /** What the reader has: `Last-Event-ID`. */
  readonly after: number
  readonly nowMillis: () => number
  /** The reader is gone, or has all. */
  readonly onOver: () => void
}

export class EventStream {
  readonly stream: OpenStream
  readonly #options: EventStreamOptions
  #sent: number
  #wroteMillis: number
  #isDue = false
  #isOver = false

  constructor(options: EventStreamOptions) {
    this.#options = options
    this.stream = options.stream
    this.#sent = options.after
    this.#wroteMillis = options.nowMillis()
    const { response } = options
    response.on('drain', () => this.#send())
    response.on('close', () => this.close())
    response.on('error', () => this.close())
    this.stream.onEvent = () => this.#sendSoon()
    this.#write(':\n\n')
    this.#send()
  }

  /** Called now and then: a sign of life, and no reader holds up a server that closes. */
  tick(): void {
    const { response, nowMillis } = this.#options
    const { server } = (response.socket ?? {}) as { readonly server?: { readonly listening?: boolean } }
    if (server?.listening === false) this.close()
    else if (nowMillis() - this.#wroteMillis >= COMMENT_MILLIS && !isFull(response)) this.#write(':\n\n')
  }

  /** Ends the answer; the stream stays as it is. */
  close(): void {
    if (this.#isOver) return
    this.#isOver = true
    this.stream.onEvent = undefined
    this.#options.response.end()
    this.#options.onOver()
  }

  /** Many events of one turn are one write. */
  #sendSoon(): void {
    if (this.#isDue) return
    this.#isDue = true
    soon(() => {
      this.#isDue = false
      this.#send()
    })
  }

  #send(): void {
    const { ring, state } = this.stream
    while (!this.#isOver && !isFull(this.#options.response) && this.#sent < ring.last) {
      const { dropped, events } = ring.after(this.#sent, WRITE_SIZE)
      const gap = dropped === 0 ? '' : eventText(this.#sent + dropped, 'gap', JSON.stringify({ dropped }))
      this.#sent = events.at(-1)?.id ?? ring.last
      ring.read(this.#sent)
      this.#write(gap + events.map(textOf).join(''))
    }
    if (state === 'ended' && this.#sent >= ring.last) this.close()
  }

  #write(text: string): void {
    const { response, nowMillis } = this.#options
    this.#wroteMillis = nowMillis()
    response.write(text)
    if (typeof response.flush === 'function') response.flush()
  }
}

/** The reader does not take more. Answers of HTTP/2 say it themselves from Node 24 on: before, nothing would have held their lines back. */
function isFull({ writableNeedDrain, stream }: Answer): boolean {
  return writableNeedDrain ?? stream?.writableNeedDrain ?? false
}

function textOf({ id, kind, data }: StreamEvent): string {
  return eventText(id, kind, data)
}

function eventText(id: number, kind: string, data: string): string {
  return `id: ${id}\nevent: ${kind}\ndata: ${data}\n\n`
}
