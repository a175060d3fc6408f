/**
 * Is it OTLP, and within limits? Walks a protobuf request once, without making an object or a string.
 *
 * What passes here is acknowledged, so whatever would make the store stumble later is refused now: every length fits, every
 * known field has its wire type, values nest at most 32 deep, at most 1,000 attributes a record, 100,000 records a request.
 */
import { fieldNumberOf, WIRE, wireTypeOf } from '../../model/otlp-schema.ts'
import type { Signal } from '../../model/signal.ts'
import { type Field, type Message, REQUESTS } from './otlp-messages.ts'
import { Refusal } from './receive-sink.ts'

/** Records or spans in one request. Source: spec, security.md. */
export const MAX_RECORDS = 100_000
/** Attributes of one record, span, event, link, scope or resource. Source: spec, security.md. */
export const MAX_ATTRIBUTES = 1_000
/** Values inside each other. Source: spec, security.md. */
export const MAX_NESTING = 32

/** Field numbers end at 2^29 - 1. */
const MAX_TAG = 0xffff_ffff

export interface CheckedRequest {
  /** Records or spans in it, the rejected ones included. */
  readonly records: number
  /** Where the records begin that are over a limit: offset of the first byte inside, rising. */
  readonly rejectedAt: readonly number[]
  /** Why the first of them is rejected. */
  readonly reason: string
}

/**
 * @throws Refusal `malformed`, or `too_large` when it has too many records
 */
export function checkRequest(signal: Signal, bytes: Uint8Array): CheckedRequest {
  const walk = new Walk(bytes)
  walk.message(REQUESTS[signal], bytes.length, 0)
  return walk
}

/** One record is over a limit; its neighbours are not. */
class OverLimit extends Refusal {
  constructor(message: string) {
    super('malformed', message)
  }
}

class Walk {
  records = 0
  readonly rejectedAt: number[] = []
  reason = ''
  readonly #bytes: Uint8Array
  #at = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
  }

  message(message: Message, end: number, nesting: number): void {
    const { byNumber, attributesField, role } = message
    const inner = role === 'any_value' ? nesting + 1 : nesting
    if (inner > MAX_NESTING) throw new OverLimit(`a value is nested more than ${MAX_NESTING} levels deep`)
    let attributes = 0
    while (this.#at < end) {
      const tag = this.#varint(end)
      const number = fieldNumberOf(tag)
      if (tag < 8 || tag > MAX_TAG) throw wrong('a field has a number that protobuf does not have')
      if (number === attributesField && ++attributes > MAX_ATTRIBUTES) {
        throw new OverLimit(`more than ${MAX_ATTRIBUTES} attributes`)
      }
      this.#field(byNumber[number], wireTypeOf(tag), end, inner)
    }
  }

  #field(field: Field | undefined, wireType: number, end: number, nesting: number): void {
    if (field !== undefined && wireTypeOf(field.tag) !== wireType) throw wrong('a field has the wrong type')
    const type = field?.type
    if (typeof type === 'function') {
      const inside = this.#length(end)
      const message = type()
      if (message.role === 'record') this.#record(message, inside)
      else this.message(message, inside, nesting)
      if (this.#at !== inside) throw wrong('a message is longer than it says')
      return
    }
    this.#skip(wireType, end)
  }

  #record(message: Message, end: number): void {
    if (++this.records > MAX_RECORDS) {
      throw new Refusal('too_large', `the request has more than ${MAX_RECORDS} records`)
    }
    const start = this.#at
    try {
      this.message(message, end, 0)
    } catch (error) {
      if (!(error instanceof OverLimit)) throw error
      if (this.rejectedAt.length === 0) this.reason = error.message
      this.rejectedAt.push(start)
      this.#at = end
    }
  }

  #skip(wireType: number, end: number): void {
    switch (wireType) {
      case WIRE.varint:
        this.#varint(end)
        break
      case WIRE.fixed64:
        this.#at += 8
        break
      case WIRE.bytes:
        this.#at = this.#length(end)
        return
      case WIRE.fixed32:
        this.#at += 4
        break
      default:
        // Groups (3, 4) are not in OTLP; 6 and 7 do not exist.
        throw wrong('a field has a type that protobuf does not have')
    }
    if (this.#at > end) throw wrong('it is cut off')
  }

  /** @returns where the length-delimited field that begins here ends */
  #length(end: number): number {
    const length = this.#varint(end)
    const inside = this.#at + length
    if (inside > end) throw wrong('it is cut off')
    return inside
  }

  /** Up to 2^53 exactly; larger ones are only passed over. */
  #varint(end: number): number {
    const bytes = this.#bytes
    // Tags and most lengths are one byte.
    const first = bytes[this.#at] as number
    if (first < 128 && this.#at < end) {
      this.#at++
      return first
    }
    let value = 0
    let factor = 1
    for (let length = 0; length < 10; length++) {
      if (this.#at >= end) throw wrong('it is cut off')
      const byte = bytes[this.#at++] as number
      value += (byte & 127) * factor
      if (byte < 128) return value
      factor *= 128
    }
    throw wrong('a number is longer than 10 bytes')
  }
}

function wrong(what: string): Refusal {
  return new Refusal('malformed', `the body is not OTLP/protobuf: ${what}`)
}
