/**
 * How does a trace travel in a message? The same headers as with a request, by the same rules, in whatever the library keeps
 * such texts in. A broker is a peer by its host.
 */
import {
  propagation,
  ROOT_CONTEXT,
  trace,
  type Context,
  type TextMapGetter,
  type TextMapSetter,
} from '@opentelemetry/api'

import { mergeBaggage } from '../../context/baggage.ts'
import { BAGGAGE, DESTINATION } from '../../context/propagation.ts'
import { dropOwnMember } from '../http/inbound-context.ts'
import type { MessagingOptions } from './messaging-options.ts'

/** The headers of one message: of ours only, never of the application's object. */
export interface MessageCarrier {
  /** `undefined`: no such header, or no text. */
  get(name: string): string | undefined
  set(name: string, value: string): void
  delete(name: string): void
}

/** Longer texts are nobody's trace; reading them would cost what a stranger decides. Characters. */
const MAX_HEADER = 16_384

const SETTER: TextMapSetter<MessageCarrier> = {
  set(carrier, name, value) {
    carrier.set(name, name === BAGGAGE ? mergeBaggage(value, carrier.get(BAGGAGE) ?? '') : value)
  },
}
const GETTER: TextMapGetter<MessageCarrier> = {
  keys: () => [],
  get(carrier, name) {
    const text = carrier.get(name)
    return text === undefined || text.length > MAX_HEADER ? undefined : text
  },
}

/** Writes the context's trace and baggage, as far as this broker may know them. What the application has set is replaced or merged. */
export function carryContext(
  context: Context,
  carrier: MessageCarrier,
  { host = '', propagator }: { host?: string | undefined; propagator: MessagingOptions['propagator'] },
): void {
  if (propagator.mayPropagateTo(host) && trace.getSpanContext(context) !== undefined) {
    for (const name of propagator.staleFields) carrier.delete(name)
  }
  propagation.inject(context.setValue(DESTINATION, host), carrier, SETTER)
}

/** The context that a message brings along. Our own member counts from trusted brokers only. */
export function carriedContext(carrier: MessageCarrier, isBrokerTrusted: boolean): Context {
  const context = propagation.extract(ROOT_CONTEXT, carrier, GETTER)
  return isBrokerTrusted ? context : dropOwnMember(context)
}

/** Over an object that is ours, whose values are texts. */
export function recordCarrier(headers: Record<string, string>): MessageCarrier {
  return {
    get: (name) => (Object.hasOwn(headers, name) ? headers[name] : undefined),
    set(name, value) {
      headers[name] = value
    },
    delete(name) {
      Reflect.deleteProperty(headers, name)
    },
  }
}
