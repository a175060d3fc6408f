/**
 * Memory of batches that have travelled, for those that come: the chunks that records are encoded into, and the copies that a worker gets.
 *
 * V8 counts each buffer of a megabyte as pressure on the process and answers with collections of the whole heap: under load five a
 * second, a seventh of all that a request cost. Memory that goes round is none.
 */
import { allocateBytes, bytesOver } from '../model/bytes.ts'
import { MAX_RECORD_BYTES } from '../model/log-record.ts'

/** What a batch is closed at, so that a request stays of a size that every receiver takes. Bytes. */
export const BATCH_BYTES: number = 1024 * 1024

/** Room for a whole batch at once: growing to it copied a third of a busy process's bytes. Untouched memory is not resident. */
export const CHUNK_BYTES: number = BATCH_BYTES + MAX_RECORD_BYTES

/** A chunk and a copy of it for each signal. */
const MAX_SPARES = 4

export class SpareMemory {
  readonly #spares: Uint8Array<ArrayBuffer>[] = []

  /** @returns CHUNK_BYTES that nobody else holds; what stands in it is of no meaning. `undefined`: there is none */
  take(): Uint8Array<ArrayBuffer> | undefined {
    return this.#spares.pop()
  }

  /** Nobody looks into it any more. Memory of another size, and what is too much, is left to the garbage collector. */
  giveBack(memory: ArrayBuffer): void {
    if (memory.byteLength === CHUNK_BYTES && this.#spares.length < MAX_SPARES) this.#spares.push(bytesOver(memory))
  }

  /** A batch was small: less is needed than before. */
  letGo(): void {
    this.#spares.pop()
  }
}

/** Memory for a batch, used before or not. */
export function takeChunk(spare: SpareMemory | undefined): Uint8Array<ArrayBuffer> {
  return spare?.take() ?? allocateBytes(CHUNK_BYTES)
}
