/**
 * A subscription or a consumer of JetStream with a callback: each of its messages is a hop, from the call of the callback until the
 * promise that it may return has settled.
 */
import type { Context } from '@opentelemetry/api'

import { safely } from '../../../diag/guarded.ts'
import { beginMessage, type MessageHop } from '../message-hop.ts'
import type { MessagingOptions } from '../messaging-options.ts'
import { destinationOf, natsCarrier, type Message, type Subscription } from './nats-types.ts'
import { beginOfStream, isOfStream } from './stream-message.ts'

type Callback = (this: unknown, ...args: readonly never[]) => unknown

/** Puts a function of ours before the application's, of the same name. */
export function withHops(options: MessagingOptions, subscription: Subscription): void {
  const { callback } = subscription
  if (typeof callback !== 'function') return
  // Errors of the subscription itself come without a message.
  const hopOf = (error: unknown, message: Message) =>
    error === null ? beginHop(options, subscription, message) : undefined
  subscription.callback = calledWithHops(options, callback as Callback, hopOf as HopOf)
}

/** What a call is given is a message, whose hop it is, or is none. */
type HopOf = (...args: readonly unknown[]) => MessageHop | undefined

/** Where callbacks of `js.subscribe` get their message: `(error, message)`. */
export const MESSAGE_AFTER_ERROR = 1

/**
 * Of JetStream's `consume({ callback })`: the consumer keeps it, and calls it with the message alone.
 *
 * @param at  which argument the message is. Default: the first
 */
export function withStreamHops(options: MessagingOptions, consumer: Subscription, at: number = 0): void {
  const { callback } = consumer
  if (typeof callback !== 'function' || wrapped.has(callback)) return
  const hopOf: HopOf = (...args) => {
    const message = args[at]
    return isOfStream(message as Message) ? beginOfStream(options, message as never) : undefined
  }
  const called = calledWithHops(options, callback as Callback, hopOf)
  wrapped.add(called)
  consumer.callback = called
}

/** A consumer may start again. */
const wrapped = new WeakSet<object>()

function calledWithHops({ storage }: MessagingOptions, original: Callback, hopOf: HopOf): Callback {
  const dispatch: Callback = function (...args) {
    const hop = safely('nats callback', () => hopOf(...args))
    if (hop === undefined) return Reflect.apply(original, this, args)
    const outer = storage.getStore()
    storage.enterWith(hop.context)
    try {
      const result = Reflect.apply(original, this, args)
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
  return dispatch
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
