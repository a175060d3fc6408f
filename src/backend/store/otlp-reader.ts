/**
 * Reads OTLP requests into batches, a batch at a time: a request may hold more rows than a batch has room for.
 *
 * `open` a request, then `fill` until it says that the request is done. Works on bytes: no JavaScript string per value.
 */
import { REQUEST, RESOURCE_ITEMS, SCOPE_ITEMS } from '../../model/otlp-schema.ts'
import { LogRowReader } from './log-row-reader.ts'
import { MalformedError, ProtoCursor } from './proto-cursor.ts'
import type { RowBatch } from './row-batch.ts'
import type { RowSource } from './row-source.ts'
import { SpanRowReader } from './span-row-reader.ts'
import type { StoreRequest } from './store.ts'
import type { AttributeKeys } from './attribute-keys.ts'

/** Numbers of the dictionaries, by the bytes of the message. */
export interface Dictionaries {
  resource(bytes: Buffer): number
  scope(bytes: Buffer): number
}

export interface OpenRequest {
  readonly request: StoreRequest
  /** The address of the copy of the request's bytes (text-memory.ts). */
  readonly address: number
  /** Rows at its beginning that the store has already. */
  readonly skipRows: number
}

interface Level {
  end: number
  number: number
}

export class OtlpReader {
  readonly #cursor = new ProtoCursor()
  readonly #dictionaries: Dictionaries
  readonly #source: RowSource
  readonly #rowReader: LogRowReader | SpanRowReader
  #group: Level | undefined
  #scope: Level | undefined
  #end = 0
  #skipRows = 0

  constructor(signal: 'logs' | 'spans', keys: AttributeKeys, dictionaries: Dictionaries) {
    this.#dictionaries = dictionaries
    this.#source = { cursor: this.#cursor, keys, address: 0, receivedUnixNano: 0n, resource: 0, scope: 0 }
    this.#rowReader = signal === 'logs' ? new LogRowReader(this.#source) : new SpanRowReader(this.#source)
  }

  open({ request, address, skipRows }: OpenRequest): void {
    this.#cursor.open(request.bytes)
    this.#rowReader.reset()
    this.#source.address = address
    this.#source.receivedUnixNano = request.receivedUnixNano
    this.#end = request.bytes.length
    this.#skipRows = skipRows
    this.#group = undefined
    this.#scope = undefined
  }

  /** The copy of the request has moved: the batch before was appended. */
  moveTo(address: number): void {
    this.#source.address = address
  }

  /**
   * Reads rows until the batch has `maxRows` or the request ends.
   *
   * @returns whether the request has ended
   * @throws MalformedError when the request is not OTLP; the rows before the fault are in the batch
   */
  fill(batch: RowBatch, maxRows: number): boolean {
    while (batch.rows < maxRows) {
      if (!this.#toNextRecord()) return true
      const end = this.#cursor.end((this.#scope as Level).end)
      if (this.#skipRows > 0) this.#skipRows--
      else this.#rowReader.read(batch, end)
      this.#cursor.at = end
    }
    return false
  }

  /** Moves to the length of the next record, through the groups around it. @returns false at the end of the request */
  #toNextRecord(): boolean {
    for (;;) {
      if (this.#scope !== undefined) {
        if (this.#advance(this.#scope.end, SCOPE_ITEMS.items)) return true
        this.#scope = undefined
      } else if (this.#group !== undefined) {
        if (this.#advance(this.#group.end, RESOURCE_ITEMS.scopes)) this.#scope = this.#enter(this.#group.end, false)
        else this.#group = undefined
      } else if (this.#advance(this.#end, REQUEST.resources)) this.#group = this.#enter(this.#end, true)
      else return false
    }
  }

  /** To just after the next tag `wanted` of the message that ends at `end`. */
  #advance(end: number, wanted: number): boolean {
    const cursor = this.#cursor
    while (cursor.at < end) {
      const tag = cursor.varint()
      if (tag === wanted) return true
      cursor.skip(tag, end)
    }
    if (cursor.at > end) throw new MalformedError('A message ends inside a field')
    return false
  }

  /** Into a ResourceLogs or ScopeLogs: its resource or scope may stand anywhere in it. */
  #enter(limit: number, isGroup: boolean): Level {
    const cursor = this.#cursor
    const end = cursor.end(limit)
    const place = cursor.find(isGroup ? RESOURCE_ITEMS.resource : SCOPE_ITEMS.scope, end)
    const bytes = place === undefined ? cursor.bytes.subarray(0, 0) : cursor.bytes.subarray(place[0], place[1])
    const number = isGroup ? this.#dictionaries.resource(bytes) : this.#dictionaries.scope(bytes)
    if (isGroup) this.#source.resource = number
    else this.#source.scope = number
    return { end, number }
  }
}
