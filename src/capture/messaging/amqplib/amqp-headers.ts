/**
 * The headers of an AMQP message as what a trace travels in.
 */
import type { MessageCarrier } from '../message-carrier.ts'

/** @param headers  an object that is ours or the library's; what its prototype has is read, and never changed */
export function amqpCarrier(headers: Record<string, unknown>): MessageCarrier {
  return {
    get(name) {
      const value = headers[name]
      return typeof value === 'string' ? value : undefined
    },
    set(name, value) {
      headers[name] = value
    },
    delete(name) {
      // What stands on the prototype is hidden; amqplib writes no header that is undefined.
      if (name in headers) headers[name] = undefined
    },
  }
}
