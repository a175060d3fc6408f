/**
 * The headers of a Kafka message as what a trace travels in. kafkajs takes texts, Buffers and arrays of them, and gives Buffers.
 */
import type { MessageCarrier } from '../message-carrier.ts'

type Headers = Record<string, unknown>

/** Over an object that is ours. */
export function kafkaCarrier(headers: Headers): MessageCarrier {
  return {
    get: (name) => (Object.hasOwn(headers, name) ? textOf(headers[name]) : undefined),
    set(name, value) {
      headers[name] = value
    },
    delete(name) {
      Reflect.deleteProperty(headers, name)
    },
  }
}

/** Longer ones are nobody's trace. Bytes. */
const MAX_BYTES = 16_384

/** Several of one name are a list: of a trace that is malformed, of baggage and state it is how they are told. */
function textOf(value: unknown): string | undefined {
  if (typeof value === 'string') return value
  if (Buffer.isBuffer(value)) return value.length > MAX_BYTES ? undefined : value.toString('utf8')
  return Array.isArray(value) ? value.map((one) => textOf(one) ?? '').join(',') : undefined
}
