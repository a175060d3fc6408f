/**
 * Gives bytes an address that DuckDB may read: a copy of them as one BLOB in a vector's own memory.
 *
 * One copy per request replaces a call per string (about 15 a record). The copies live until `clear`; DuckDB copies the text
 * again when a chunk is appended.
 */
import { CHUNK_ROWS } from './layout.ts'
import type { DuckdbBindings, Handle } from './duckdb-module.ts'

/** A string_t holds its address in the upper 8 of 16 bytes. */
const ELEMENT_BYTES = 16
/** Shorter BLOBs are kept inside the string_t and have no address of their own. */
const SHORTEST_WITH_ADDRESS = 13

export class TextMemory {
  readonly #bindings: DuckdbBindings
  readonly #chunk: Handle
  #used = 0
  /** Bytes of the copies. */
  heldBytes = 0

  constructor(bindings: DuckdbBindings) {
    this.#bindings = bindings
    this.#chunk = bindings.create_data_chunk([bindings.create_logical_type(bindings.Type['BLOB'] as number)])
  }

  /** No room for another copy: append the batch, then `clear`. */
  get isFull(): boolean {
    return this.#used >= CHUNK_ROWS
  }

  /** Copies the bytes. @returns the address of the copy's first byte (a number: addresses have 48 bits); 0 for bytes too short to need one */
  hold(bytes: Uint8Array): number {
    if (bytes.length < SHORTEST_WITH_ADDRESS) return 0
    const element = this.#used++
    this.heldBytes += bytes.length
    const vector = this.#bindings.data_chunk_get_vector(this.#chunk, 0)
    this.#bindings.vector_assign_string_element_len(vector, element, bytes)
    const memory = this.#bindings.vector_get_data(vector, (element + 1) * ELEMENT_BYTES)
    const view = new DataView(memory.buffer, memory.byteOffset + element * ELEMENT_BYTES, ELEMENT_BYTES)
    return Number(view.getBigUint64(8, true))
  }

  /** Frees all copies. Only when no batch points into them. */
  clear(): void {
    if (this.#used === 0) return
    this.#bindings.data_chunk_reset(this.#chunk)
    this.#used = 0
    this.heldBytes = 0
  }
}
