/**
 * Chunks of bytes -> whole lines, in constant memory: what of a file of any size has arrived whole?
 *
 * A newline byte is never part of another character in UTF-8, so bytes are cut first and decoded then.
 */

/** A longer line is not text that anybody wrote: it is skipped. Bytes; a string of V8 holds 512 MiB. */
const MAX_LINE_BYTES = 256 * 1024 * 1024
const NEWLINE = 0x0a

/** `undefined` stands for a line that cannot be read: it is too long, or cannot be unpacked. */
export type Line = string | undefined

/** Of one file, from the beginning of a line on. */
export class LineSplitter {
  #parts: Uint8Array[] = []
  #bytes = 0
  /** Without the NULs at the beginning. Bytes. */
  #kept = 0
  #isTooLong = false

  /** The lines that end in this chunk, without their newlines. */
  push(chunk: Uint8Array): Line[] {
    const first = chunk.indexOf(NEWLINE)
    if (first < 0) {
      this.#keep(chunk)
      return []
    }
    const last = chunk.lastIndexOf(NEWLINE)
    this.#keep(chunk.subarray(0, first))
    const lines: Line[] = [this.#take()]
    // Not `push(...lines)`: a chunk can hold more lines than a call takes arguments.
    if (last > first) for (const line of decode(chunk.subarray(first + 1, last)).split('\n')) lines.push(line)
    this.#keep(chunk.subarray(last + 1))
    return lines
  }

  /** What has no newline yet. Bytes. */
  get waiting(): number {
    return this.#bytes
  }

  /** What stands behind the last newline; `''` when there is nothing. The splitter begins anew. */
  rest(): Line {
    return this.#take()
  }

  #keep(part: Uint8Array): void {
    this.#bytes += part.length
    const text = this.#kept === 0 ? withoutNuls(part) : part
    if (text.length === 0) return
    this.#kept += text.length
    if (this.#kept > MAX_LINE_BYTES) {
      this.#isTooLong = true
      this.#parts = []
    } else this.#parts.push(text)
  }

  #take(): Line {
    const line = this.#isTooLong ? undefined : decode(this.#parts.length === 1 ? this.#parts[0]! : concat(this.#parts))
    this.#parts = []
    this.#bytes = 0
    this.#kept = 0
    this.#isTooLong = false
    return line
  }
}

/** A file that is cut to nothing under its writer (copytruncate) goes on with NULs as far as it had come: gigabytes of them. */
function withoutNuls(part: Uint8Array): Uint8Array {
  let start = 0
  while (start < part.length && part[start] === 0) start++
  return start === 0 ? part : part.subarray(start)
}

function concat(parts: readonly Uint8Array[]): Uint8Array {
  return Buffer.concat(parts)
}

function decode(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8')
}
