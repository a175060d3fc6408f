/**
 * A subscription with a callback: each of its messages is a hop, from the call of the callback until the promise that it may return has
 * settled.
 */
import type { Context } from '@opentelemetry/api'

import { safely } from '../../../diag/guarded.ts'
import { beginMessage, type MessageHop } from '../message-hop.ts'
import type { MessagingOptions } from '../messaging-options.ts'
import { destinationOf, natsCarrier, type Message, type Subscription } from './nats-types.ts'

type Callback = (error: unknown, message: Message) => unknown

/** Puts a function of ours before the application's, of the same name. */
export function withHops(options: MessagingOptions, subscription: Subscription): void {
  const { callback } = subscription
  if (typeof callback !== 'function') return
  const original = callback as Callback
  const dispatch = function (this: unknown, error: unknown, message: Message): unknown {
    // Errors of the subscription itself come without a message.
    const hop = error === null ? safely('nats callback', () => beginHop(options, subscription, message)) : undefined
    if (hop === undefined) return original.call(this, error, message)
    const { storage } = options
    const outer = storage.getStore()
    storage.enterWith(hop.context)
    try {
      const result = original.call(this, error, message)
      safely('nats callback', () => endWith(hop, result))
      return result
    } catch (thrown) {
      safely('nats callback', () => hop.failed(thrown))
      throw thrown
    } finally {
      storage.enterWith(outer as Context)
    }
  }
  for (const name of ['name', 'length'] as const) {
    Object.defineProperty(dispatch, name, { value: original[name], configurable: true })
  }
  subscription.callback = dispatch
}

export function beginHop(options: MessagingOptions, subscription: Subscription, message: Message): MessageHop {
  const destination = destinationOf(subscription.protocol, String(subscription.subject))
  const hop = beginMessage(options, destination, [natsCarrier(message.headers)], false)
  if (typeof subscription.queue === 'string') hop.learn({ group: subscription.queue })
  return hop
}

function endWith(hop: MessageHop, result: unknown): void {
  if (!(result instanceof Promise)) {
    hop.ended()
    return
  }
  // A branch of ours, which does not reject: who does not hear of a failure still does not.
  result.then(
    () => safely('nats callback', () => hop.ended()),
    (error: unknown) => safely('nats callback', () => hop.failed(error)),
  )
}
