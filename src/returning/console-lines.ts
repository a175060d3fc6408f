/**
 * What one unit writes to one of its streams, as lines: characters may be cut by chunks, lines by writes, and a private key is hidden as
 * a whole only where it is whole.
 */
import { StringDecoder } from 'node:string_decoder'

/** Of a line; what is longer is told in parts. Characters. */
const MAX_LINE = 64 * 1024

/** A private key has begun, and its end is not there. */
function endsWithinKey(text: string): boolean {
  const begin = text.lastIndexOf('-----BEGIN ')
  return begin >= 0 && text.includes('PRIVATE KEY-----', begin) && !text.includes('-----END ', begin)
}

export class ConsoleLines {
  readonly #onLine: (line: string) => void
  readonly #hide: (text: string) => string
  readonly #decoder = new StringDecoder('utf8')
  #rest = ''

  /** @param hide  takes secrets out of a text of several lines */
  constructor(hide: (text: string) => string, onLine: (line: string) => void) {
    this.#hide = hide
    this.#onLine = onLine
  }

  write(chunk: string | Uint8Array, encoding: string | undefined): void {
    this.#rest += this.#textOf(chunk, encoding)
    const end = this.#rest.lastIndexOf('\n') + 1
    const isLong = this.#rest.length >= MAX_LINE
    if (end === 0 && !isLong) return
    const whole = this.#rest.slice(0, end === 0 ? MAX_LINE : end)
    if (!isLong && endsWithinKey(whole)) return
    this.#rest = this.#rest.slice(whole.length)
    this.#tell(whole.endsWith('\n') ? whole.slice(0, -1) : whole)
    if (this.#rest.length >= MAX_LINE) this.write('', undefined)
  }

  /** What has no end yet is told as it is. */
  end(): void {
    this.#rest += this.#decoder.end()
    if (this.#rest !== '') this.#tell(this.#rest.endsWith('\n') ? this.#rest.slice(0, -1) : this.#rest)
    this.#rest = ''
  }

  #tell(text: string): void {
    for (const line of this.#hide(text).split('\n')) {
      const told = line.endsWith('\r') ? line.slice(0, -1) : line
      for (let at = 0; at === 0 || at < told.length; at += MAX_LINE) this.#onLine(told.slice(at, at + MAX_LINE))
    }
  }

  #textOf(chunk: string | Uint8Array, encoding: string | undefined): string {
    if (typeof chunk === 'string' && (encoding === undefined || /^utf-?8$/i.test(encoding))) return chunk
    const bytes = typeof chunk === 'string' ? Buffer.from(chunk, encoding as BufferEncoding) : Buffer.from(chunk)
    return this.#decoder.write(bytes)
  }
}
