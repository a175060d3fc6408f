/**
 * A request with some of its records gone, and others in place of some; all else is byte for byte as it came.
 */
import { REQUEST, RESOURCE_ITEMS, SCOPE_ITEMS } from '../../model/otlp-schema.ts'
import { ProtoReader } from '../../model/proto-reader.ts'
import { MessageParts } from './message-parts.ts'

export interface RequestEdits {
  /**
   * @param index  of the record, in the order of the request
   * @param bytes  of the record
   * @returns what stands for it; `undefined`: it goes
   */
  readonly record: (index: number, bytes: Uint8Array) => Uint8Array | undefined
  /** What stands for a resource, an empty one where there is none. Default: itself. */
  readonly resource?: (bytes: Uint8Array) => Uint8Array
}

/** Where records are: inside of these, one within the other. */
const AROUND = [REQUEST.resources, RESOURCE_ITEMS.scopes, SCOPE_ITEMS.items]

/** Scopes and resources of which no record is left go too. @param bytes  a request that was checked */
export function rewriteRequest(bytes: Uint8Array, edits: RequestEdits): Uint8Array {
  const rewriting = new Rewriting(bytes, edits)
  return rewriting.message(0).parts.join()
}

class Rewriting {
  readonly #reader: ProtoReader
  readonly #edits: RequestEdits
  #index = 0

  constructor(bytes: Uint8Array, edits: RequestEdits) {
    this.#reader = new ProtoReader(bytes)
    this.#edits = edits
  }

  /** @param depth  index of AROUND */
  message(depth: number): { readonly parts: MessageParts; readonly hasRecords: boolean } {
    const reader = this.#reader
    const parts = new MessageParts()
    let [hasRecords, hasResource] = [false, false]
    for (;;) {
      const start = reader.pos
      const tag = reader.tag()
      if (tag === 0) {
        if (depth === 1 && hasRecords && !hasResource) this.#addResource(parts)
        return { parts, hasRecords }
      }
      const isResource = depth === 1 && tag === RESOURCE_ITEMS.resource && this.#edits.resource !== undefined
      if (tag !== AROUND[depth] && !isResource) {
        reader.skip(tag)
        parts.add(reader.bytes.subarray(start, reader.pos))
        continue
      }
      const outer = reader.enter()
      const inner = isResource ? this.#resource() : depth === 2 ? this.#record() : this.#around(depth + 1)
      reader.leave(outer)
      if (inner === undefined) continue
      if (isResource) hasResource = true
      else hasRecords = true
      parts.addMessage(tag, inner)
    }
  }

  #around(depth: number): MessageParts | undefined {
    const { parts, hasRecords } = this.message(depth)
    return hasRecords ? parts : undefined
  }

  #record(): MessageParts | undefined {
    const { bytes, pos, end } = this.#reader
    const written = this.#edits.record(this.#index++, bytes.subarray(pos, end))
    return written === undefined ? undefined : partsOf(written)
  }

  /** What stands for one that is not there. */
  #addResource(parts: MessageParts): void {
    const { resource } = this.#edits
    if (resource !== undefined) parts.addMessage(RESOURCE_ITEMS.resource, partsOf(resource(new Uint8Array(0))))
  }

  #resource(): MessageParts {
    const { bytes, pos, end } = this.#reader
    return partsOf(this.#edits.resource!(bytes.subarray(pos, end)))
  }
}

function partsOf(bytes: Uint8Array): MessageParts {
  const parts = new MessageParts()
  parts.add(bytes)
  return parts
}
