/**
 * What waits for one delivery: 8 MiB at most, the oldest goes first when there is no room.
 */
import type { DeliveryPart } from '../shape-request.ts'

/** Source: spec, rules: per rule. Bytes. */
const MAX_BYTES = 8 * 1024 * 1024

export class PartQueue {
  readonly #parts: DeliveryPart[] = []
  #bytes = 0

  get isEmpty(): boolean {
    return this.#parts.length === 0
  }

  get count(): number {
    return this.#parts.reduce((sum, { count }) => sum + count, 0)
  }

  /** @returns records that had to make room */
  push(part: DeliveryPart): number {
    this.#parts.push(part)
    this.#bytes += part.bytes.length
    let dropped = 0
    // The newest stays, however large it is.
    while (this.#bytes > MAX_BYTES && this.#parts.length > 1) dropped += this.shift()!.count
    return dropped
  }

  shift(): DeliveryPart | undefined {
    const part = this.#parts.shift()
    if (part !== undefined) this.#bytes -= part.bytes.length
    return part
  }

  /** Back to the front: it was not taken. */
  unshift(...parts: readonly DeliveryPart[]): void {
    this.#parts.unshift(...parts)
    for (const { bytes } of parts) this.#bytes += bytes.length
  }
}
