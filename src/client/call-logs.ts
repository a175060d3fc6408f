/**
 * The stream of one call as its user sees it: opened before the call, read beside it.
 */
import { followStream } from './follow-stream.ts'
import { createKeptEvents } from './kept-events.ts'
import type { FlatLine, LogEvent } from './log-event.ts'
import type { LogStream, LogStreamStatus } from './log-stream.ts'
import type { WithLogsOptions } from './options.ts'
import { openStream, type StreamFetch, type StreamPlace } from './stream-requests.ts'

/** What opening a stream may hold up its call. */
const OPENING_MILLIS = 1_000

export class CallLogs implements LogStream {
  status: LogStreamStatus = 'unavailable'
  readonly ended: Promise<LogStreamStatus>
  readonly #kept = createKeptEvents()
  readonly #fetch: StreamFetch
  readonly #options: WithLogsOptions
  readonly #closing = new AbortController()
  #gaps = 0
  #droppedInAll = 0
  #resolveEnded!: (status: LogStreamStatus) => void

  constructor(fetch: StreamFetch, options: WithLogsOptions) {
    this.#fetch = fetch
    this.#options = options
    this.ended = new Promise((resolve) => (this.#resolveEnded = resolve))
  }

  /** @returns what names it in the call; `undefined`: there is none, and there will be none */
  async open(): Promise<string | undefined> {
    const place = await this.#openInTime()
    if (place === undefined) {
      this.#end()
      return undefined
    }
    this.status = 'open'
    void this.#follow(place)
    return place.grant
  }

  get dropped(): number {
    return Math.max(this.#gaps, this.#droppedInAll) + this.#kept.forgotten
  }

  messages(): readonly FlatLine[] {
    return this.#kept.all.flatMap((event) => (event.type === 'log' ? [event.line] : []))
  }

  stdout(): string {
    return this.#textOf('stdout')
  }

  stderr(): string {
    return this.#textOf('stderr')
  }

  async close(): Promise<void> {
    if (this.status === 'open') this.status = 'closed'
    this.#closing.abort()
    this.#end()
  }

  [Symbol.asyncIterator](): AsyncIterator<LogEvent> {
    return this.#kept.read()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  async #openInTime(): Promise<StreamPlace | undefined> {
    const late = new AbortController()
    let timer: ReturnType<typeof setTimeout> | undefined
    // The user's `authorization`, or their fetch, may not look at the signal.
    const time = new Promise<undefined>((resolve) => {
      timer = setTimeout(() => {
        late.abort()
        resolve(undefined)
      }, OPENING_MILLIS)
    })
    const opened = openStream(this.#fetch, this.#options, late.signal).catch(() => undefined)
    const place = await Promise.race([opened, time])
    clearTimeout(timer)
    return place
  }

  async #follow(place: StreamPlace): Promise<void> {
    await followStream({
      fetch: this.#fetch,
      place,
      signal: this.#closing.signal,
      onEvent: (event, length) => this.#take(event, length),
      onContact: (isThere) => {
        if (!this.#closing.signal.aborted) this.status = isThere ? 'open' : 'unavailable'
      },
    })
    this.#end()
  }

  #take(event: LogEvent, length: number): void {
    if (this.#closing.signal.aborted) return
    if (event.type === 'gap') this.#gaps += event.dropped
    if (event.type === 'end') {
      this.status = event.status
      this.#droppedInAll = event.dropped
    }
    this.#kept.add(event, length)
    this.#tell(event)
  }

  #tell(event: LogEvent): void {
    const { onLog, onStdout, onStderr, onGap } = this.#options
    try {
      if (event.type === 'log') onLog?.(event.line)
      if (event.type === 'stdout') onStdout?.(event.text)
      if (event.type === 'stderr') onStderr?.(event.text)
      if (event.type === 'gap') onGap?.(event.dropped)
    } catch (error) {
      report(error)
    }
  }

  #end(): void {
    this.#kept.end()
    this.#resolveEnded(this.status)
  }

  #textOf(type: 'stdout' | 'stderr'): string {
    return this.#kept.all.map((event) => (event.type === type ? `${event.text}\n` : '')).join('')
  }
}

/** A mistake of the user's is said where they look for it, and does not end a process for its logs' sake. */
function report(error: unknown): void {
  const { reportError, process } = globalThis as {
    reportError?: (error: unknown) => void
    process?: { emitWarning?: (warning: string) => void }
  }
  if (reportError !== undefined) reportError(error)
  else process?.emitWarning?.(`a callback of withLogs has thrown: ${String(error)}`)
}
