/**
 * A protobuf message put together from pieces of another one and from new pieces: nothing is copied until all lengths are known.
 */
import { putVarint, varintLength } from '../../model/proto-key.ts'

export class MessageParts {
  readonly #parts: Uint8Array[] = []
  #length = 0

  add(bytes: Uint8Array): void {
    this.#parts.push(bytes)
    this.#length += bytes.length
  }

  /** A field that holds a message. */
  addMessage(tag: number, inner: MessageParts): void {
    const head = new Uint8Array(varintLength(tag) + varintLength(inner.#length))
    putVarint(head, putVarint(head, 0, tag), inner.#length)
    this.add(head)
    for (const part of inner.#parts) this.#parts.push(part)
    this.#length += inner.#length
  }

  /** In memory of its own. */
  join(): Uint8Array {
    const joined = new Uint8Array(this.#length)
    let at = 0
    for (const part of this.#parts) {
      joined.set(part, at)
      at += part.length
    }
    return joined
  }
}
