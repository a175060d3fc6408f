/**
 * A queue of texts, kept as bytes outside of V8's heap: in pages, which all queues of the process use again.
 *
 * Strings that are kept for a moment survive a few collections, and V8 answers with a larger young generation: 100 MB of lines through a
 * ring of 1 MiB made it 111 MB, which never came back (test/bench/return.bench.ts measures it).
 */

/** Bytes. */
const PAGE = 16 * 1024
/** Without a queue; more are given back. */
const MAX_IDLE = 64

const idle: Buffer[] = []

export class PagedTexts {
  #pages: Buffer[] = []
  /** Of the oldest byte, within the first page. */
  #begin = 0
  /** Behind the newest byte, within the last page. */
  #end = PAGE

  /** @returns how many bytes it takes */
  push(text: string): number {
    const size = Buffer.byteLength(text)
    if (size > 0 && this.#end + size <= PAGE) this.#end += this.#newest.write(text, this.#end)
    else this.#spread(Buffer.from(text))
    return size
  }

  /** Takes away the oldest bytes. */
  drop(size: number): void {
    this.#begin += size
    while (this.#begin >= PAGE) {
      this.#begin -= PAGE
      release(this.#pages.shift())
    }
  }

  /** @param from  counted from the oldest byte */
  text(from: number, size: number): string {
    const begin = this.#begin + from
    const at = Math.floor(begin / PAGE)
    const offset = begin % PAGE
    if (offset + size <= PAGE) return this.#pages[at]?.toString('utf8', offset, offset + size) ?? ''
    const pages = this.#pages.slice(at, Math.ceil((begin + size) / PAGE))
    return Buffer.concat(pages).toString('utf8', offset, offset + size)
  }

  clear(): void {
    for (const page of this.#pages.splice(0)) release(page)
    this.#begin = 0
    this.#end = PAGE
  }

  get #newest(): Buffer {
    return this.#pages.at(-1) as Buffer
  }

  #spread(bytes: Buffer): void {
    for (let at = 0; at < bytes.length;) {
      if (this.#end === PAGE) {
        this.#pages.push(idle.pop() ?? Buffer.allocUnsafeSlow(PAGE))
        this.#end = 0
      }
      const copied = bytes.copy(this.#newest, this.#end, at)
      this.#end += copied
      at += copied
    }
  }
}

function release(page: Buffer | undefined): void {
  if (page !== undefined && idle.length < MAX_IDLE) idle.push(page)
}
