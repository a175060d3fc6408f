/**
 * Bytes of a backend's stream to the traces it tells of: whatever it sends, in memory of one short line and in a bounded rate.
 *
 * A backend may be anybody: a line that is too long or no event is skipped, more traces than one may tell in a second are left out and
 * counted, and more bytes than a backend of ours ever sends end it (`isOver`).
 */
import { MAX_WANTED_PER_SECOND, wantedTraceOf } from '../../model/wanted-traces.ts'

/** Ours has 38 characters. */
const MAX_LINE = 256
/** What ours can send in that time at most, and room. */
const MAX_BYTES = 1024 * 1024
const BYTES_MILLIS = 10_000

export class WantedLines {
  readonly #now: () => number
  #line = ''
  #isSkipping = false
  #second = 0
  #told = 0
  #sinceMillis: number
  #bytes = 0
  /** Traces left out until now. */
  dropped = 0
  /** It sends too much: nothing more is to be read. */
  isOver = false

  constructor(now: () => number) {
    this.#now = now
    this.#sinceMillis = now()
  }

  /** @returns the traces that these bytes end the lines of */
  read(chunk: Uint8Array): readonly string[] {
    const now = this.#now()
    if (!this.#takes(chunk.length, now)) return []
    const found: string[] = []
    const text = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength).toString('latin1')
    let from = 0
    for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', from)) {
      const traceId = this.#endLine(text.slice(from, end))
      if (traceId !== undefined && this.#mayTell(now)) found.push(traceId)
      from = end + 1
    }
    this.#begin(text.slice(from))
    return found
  }

  #takes(bytes: number, now: number): boolean {
    if (now - this.#sinceMillis >= BYTES_MILLIS) {
      this.#sinceMillis = now
      this.#bytes = 0
    }
    this.#bytes += bytes
    this.isOver ||= this.#bytes > MAX_BYTES
    return !this.isOver
  }

  #begin(text: string): void {
    this.#isSkipping ||= this.#line.length + text.length > MAX_LINE
    this.#line = this.#isSkipping ? '' : this.#line + text
  }

  #endLine(text: string): string | undefined {
    this.#begin(text)
    const line = this.#isSkipping ? '' : this.#line
    this.#line = ''
    this.#isSkipping = false
    return wantedTraceOf(line)
  }

  #mayTell(now: number): boolean {
    const second = Math.floor(now / 1000)
    if (second !== this.#second) {
      this.#second = second
      this.#told = 0
    }
    if (++this.#told <= MAX_WANTED_PER_SECOND) return true
    this.dropped++
    return false
  }
}
