/**
 * Text as it comes, in pieces -> what was written, one entry each: lines, and the lines of a stack as one.
 *
 * Pieces of a line are put together; of a line longer than the limit the rest is left out. An entry that may go on (a stack, or what looks
 * like the head of one) waits for the next line, or for `flush`. Takes time in proportion to the text.
 */

/** UTF-16 units of a line, and of a stack. Source: spec, bridges. */
export const MAX_LINE = 65_536

export interface JoinedLine {
  /** Without its newline. */
  readonly text: string
  readonly isStack: boolean
  /** Something was left out. */
  readonly isCut: boolean
}

/** What it belongs to is the first piece's. */
export type OnJoinedLine<T> = (line: JoinedLine, origin: T) => void

/** `Error: x`, `java.lang.X: y`, `Traceback (most recent call last):`, `panic: x`. */
const HEAD = /^(?:Uncaught )?(?:[\w$.]{0,80}(?:Error|Exception|Throwable)\b|Traceback \(|panic: |AggregateError\b)/
/** A frame of JavaScript or Java, of Python, or what goes on below one. */
const FRAME = /^\s{1,16}(?:at |File "|\.\.\. \d{1,6} (?:more|lines)|\[?(?:cause|errors)\]?[:=])|^Caused by: /

export class JoinedLines<T> {
  readonly #onLine: OnJoinedLine<T>
  /** The line that has no newline yet. */
  #partial = ''
  #isPartialCut = false
  #partialOrigin: T | undefined
  /** The entry that may go on. */
  #open: { text: string; isStack: boolean; isCut: boolean; isPython: boolean; readonly origin: T } | undefined

  constructor(onLine: OnJoinedLine<T>) {
    this.#onLine = onLine
  }

  /** Whether an entry waits for what follows. */
  get isWaiting(): boolean {
    return this.#open !== undefined
  }

  push(text: string, origin: T): void {
    let start = 0
    for (let end = text.indexOf('\n'); end !== -1; end = text.indexOf('\n', start)) {
      this.#addPartial(text, start, end, origin)
      this.#line()
      start = end + 1
    }
    if (start < text.length) this.#addPartial(text, start, text.length, origin)
  }

  /** The entry that waits is whole. */
  flush(): void {
    const open = this.#open
    this.#open = undefined
    if (open !== undefined) this.#onLine(open, open.origin)
  }

  /** Nothing more comes. */
  end(): void {
    if (this.#partial !== '') this.#line()
    this.flush()
  }

  #addPartial(text: string, start: number, end: number, origin: T): void {
    if (this.#partial === '') this.#partialOrigin = origin
    const room = MAX_LINE - this.#partial.length
    this.#partial += text.slice(start, Math.min(end, start + room))
    if (end - start > room) this.#isPartialCut = true
  }

  #line(): void {
    const text = this.#partial.endsWith('\r') ? this.#partial.slice(0, -1) : this.#partial
    const isCut = this.#isPartialCut
    const origin = this.#partialOrigin as T
    this.#partial = ''
    this.#isPartialCut = false
    this.#partialOrigin = undefined
    if (this.#goesOn(text)) return this.#append(text, isCut)
    this.flush()
    if (text.trim() === '') return
    if (HEAD.test(text) || text.includes('Error: ')) {
      this.#open = { text, isStack: false, isCut, isPython: text.startsWith('Traceback ('), origin }
    } else this.#onLine({ text, isStack: false, isCut }, origin)
  }

  /** Whether a line belongs to the entry before it. */
  #goesOn(text: string): boolean {
    const open = this.#open
    if (open === undefined) return false
    if (FRAME.test(text)) return true
    if (open.isPython) return open.isStack && (/^\s/.test(text) || HEAD.test(text) || /^[\w.]{1,80}(?:: |$)/.test(text))
    // What Node prints of an error's fields, and the end of them.
    return open.isStack && /^(?:\s{2,8}\S|\})/.test(text)
  }

  #append(text: string, isCut: boolean): void {
    const open = this.#open!
    const room = MAX_LINE - open.text.length - 1
    if (room > 0) open.text += `\n${text.slice(0, room)}`
    open.isCut ||= isCut || text.length > room
    open.isStack = true
    // The line of the exception itself is the last.
    if (open.isPython && !/^\s/.test(text)) this.flush()
  }
}
