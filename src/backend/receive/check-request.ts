/**
 * Is it OTLP, and within limits? Walks a protobuf request once, without making an object or a string.
 *
 * What passes here is acknowledged, so whatever would make the store stumble later is refused now: every length fits, every
 * known field has its wire type, values nest at most 32 deep, at most 1,000 attributes a record, 100,000 records a request.
 */
import { OtlpDecodeError } from '../../model/otlp-data.ts'
import { fieldNumberOf } from '../../model/otlp-schema.ts'
import { ProtoReader } from '../../model/proto-reader.ts'
import type { Signal } from '../../model/signal.ts'
import { type Message, REQUESTS } from './otlp-messages.ts'
import { Refusal } from './receive-sink.ts'

/** Records or spans in one request. Source: spec, security.md. */
export const MAX_RECORDS = 100_000
/** Attributes of one record, span, event, link, scope or resource. Source: spec, security.md. */
export const MAX_ATTRIBUTES = 1_000
/** Values inside each other. Source: spec, security.md. */
export const MAX_NESTING = 32

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
  try {
    walk.message(REQUESTS[signal], 0)
  } catch (error) {
    throw error instanceof OtlpDecodeError ? new Refusal('malformed', `the body is ${error.message}`) : error
  }
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
  readonly #reader: ProtoReader

  constructor(bytes: Uint8Array) {
    this.#reader = new ProtoReader(bytes)
  }

  /** The message at hand, to its end. */
  message(message: Message, nesting: number): void {
    const reader = this.#reader
    const { byNumber, attributesField, role } = message
    const inner = role === 'any_value' ? nesting + 1 : nesting
    if (inner > MAX_NESTING) throw new OverLimit(`a value is nested more than ${MAX_NESTING} levels deep`)
    let attributes = 0
    for (let tag = reader.tag(); tag !== 0; tag = reader.tag()) {
      const number = fieldNumberOf(tag)
      if (number === attributesField && ++attributes > MAX_ATTRIBUTES) {
        throw new OverLimit(`more than ${MAX_ATTRIBUTES} attributes`)
      }
      const field = byNumber[number]
      if (field !== undefined && field.tag !== tag) reader.fail('a field of the wrong type')
      if (typeof field?.type === 'function') this.#inside(field.type(), inner)
      else reader.skip(tag)
    }
  }

  #inside(message: Message, nesting: number): void {
    const reader = this.#reader
    const outer = reader.enter()
    if (message.role === 'record') this.#record(message)
    else this.message(message, nesting)
    reader.leave(outer)
  }

  #record(message: Message): void {
    if (++this.records > MAX_RECORDS) {
      throw new Refusal('too_large', `the request has more than ${MAX_RECORDS} records`)
    }
    const { pos: start, end } = this.#reader
    try {
      this.message(message, 0)
    } catch (error) {
      if (!(error instanceof OverLimit)) throw error
      if (this.rejectedAt.length === 0) this.reason = error.message
      this.rejectedAt.push(start)
      // Out of whatever the walk was inside of.
      this.#reader.end = end
    }
  }
}
