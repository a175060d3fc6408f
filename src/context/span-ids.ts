/**
 * The ids of one span, as bytes for who encodes them, as hex for who asks: each is made from the other when it is needed.
 */
import { writeHex } from '../model/bytes.ts'
import { randomBlock, takeRandom } from './random-ids.ts'

const TRACE_BYTES = 16
const SPAN_BYTES = 8
const ALL_BYTES = TRACE_BYTES + SPAN_BYTES

export class SpanIds {
  readonly at: number
  #bytes: Uint8Array | undefined
  readonly #hex: string
  #traceId: string | undefined
  #spanId: string | undefined

  private constructor(bytes: Uint8Array | undefined, at: number, hex: string, traceId: string | undefined) {
    this.#bytes = bytes
    this.at = at
    this.#hex = hex
    this.#traceId = traceId
    this.#spanId = undefined
  }

  /** Of a span that begins a trace. */
  static ofRoot(): SpanIds {
    const at = takeRandom(ALL_BYTES)
    const { bytes, hex } = randomBlock()
    return new SpanIds(bytes, at, hex, undefined)
  }

  /** Of a span below another. @param traceId  32 hex digits */
  static inTrace(traceId: string): SpanIds {
    const at = takeRandom(ALL_BYTES)
    const { bytes, hex } = randomBlock()
    writeHex(bytes, at, traceId, TRACE_BYTES)
    return new SpanIds(bytes, at, hex, traceId)
  }

  /** Of a span that has its ids already. */
  static of(traceId: string, spanId: string): SpanIds {
    return new SpanIds(undefined, 0, traceId + spanId, traceId)
  }

  /** Of a span below this one. */
  child(): SpanIds {
    const at = takeRandom(ALL_BYTES)
    const { bytes, hex } = randomBlock()
    const from = this.bytes
    for (let i = 0; i < TRACE_BYTES; i++) bytes[at + i] = from[this.at + i] as number
    return new SpanIds(bytes, at, hex, this.traceId)
  }

  /** Trace id and span id from `at` on. */
  get bytes(): Uint8Array {
    return (this.#bytes ??= bytesOf(this.#hex))
  }

  get spanAt(): number {
    return this.at + TRACE_BYTES
  }

  get traceId(): string {
    return (this.#traceId ??= this.#hex.slice(this.at * 2, (this.at + TRACE_BYTES) * 2))
  }

  get spanId(): string {
    return (this.#spanId ??= this.#hex.slice((this.at + TRACE_BYTES) * 2, (this.at + ALL_BYTES) * 2))
  }
}

function bytesOf(hex: string): Uint8Array {
  const bytes = new Uint8Array(ALL_BYTES)
  writeHex(bytes, 0, hex, ALL_BYTES)
  return bytes
}
