/**
 * `for await (const message of subscription)`: each message is a hop from when the loop gets it until the loop asks for the next.
 *
 * A loop's body runs in the context in which the loop waited, and nobody knows then which message comes. So the loop waits in a context
 * that is filled when the message is there. A loop that is left by an error tells nobody of it: its last message has ended.
 */
import { ROOT_CONTEXT, type Context } from '@opentelemetry/api'

import { safely } from '../../../diag/guarded.ts'
import type { MessageHop } from '../message-hop.ts'
import type { MessagingOptions } from '../messaging-options.ts'
import { isInternal, type Message, type Subscription } from './nats-types.ts'
import { beginOfStream, isOfStream } from './stream-message.ts'
import { beginHop } from './subscriptions.ts'

type Iterate = (this: unknown) => AsyncIterator<unknown>

/** @returns gives the prototype its iterator back */
export function watchIterators(prototype: object, options: MessagingOptions): () => void {
  const descriptor = Object.getOwnPropertyDescriptor(prototype, Symbol.asyncIterator)
  const original = descriptor?.value as Iterate | undefined
  if (typeof original !== 'function') throw new Error('its subscriptions cannot be iterated')
  const iterate = function (this: object): AsyncIterator<unknown> {
    return new MessageIterator(Reflect.apply(original, this, []), { options, source: this })
  }
  const get = function (this: object): unknown {
    return safely('nats iterator', givesMessages, this) === true ? iterate : original
  }
  Object.defineProperty(prototype, Symbol.asyncIterator, { configurable: true, enumerable: false, get })
  return () => {
    if (Object.getOwnPropertyDescriptor(prototype, Symbol.asyncIterator)?.get === get) {
      Object.defineProperty(prototype, Symbol.asyncIterator, descriptor as PropertyDescriptor)
    }
  }
}

/** A subscription, or a consumer of JetStream; others give states of the connection, or the answers to a request. */
function givesMessages(source: object): boolean {
  const { protocol, subject, requestSubject } = source as Subscription
  if (protocol !== undefined) return requestSubject === undefined && !isInternal(subject, protocol)
  return 'consumer' in source || 'sub' in source
}

interface Iterated {
  readonly options: MessagingOptions
  readonly source: object
}

class MessageIterator implements AsyncIterator<unknown> {
  readonly #inner: AsyncIterator<unknown>
  readonly #iterated: Iterated
  /** Where the loop stands outside of its messages. */
  readonly #outer: Context | undefined
  #hop: MessageHop | undefined

  constructor(inner: AsyncIterator<unknown>, iterated: Iterated) {
    this.#inner = inner
    this.#iterated = iterated
    this.#outer = iterated.options.storage.getStore()
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  next(): Promise<IteratorResult<unknown>> {
    const waiting = new WaitingContext(this.#outer ?? ROOT_CONTEXT)
    safely('nats iterator', () => {
      this.#endHop()
      this.#iterated.options.storage.enterWith(waiting)
    })
    return this.#inner.next().then((step) => {
      if (step.done !== true) safely('nats iterator', () => this.#begin(step.value as Message, waiting))
      return step
    })
  }

  return(value?: unknown): Promise<IteratorResult<unknown>> {
    this.#leave()
    return this.#inner.return?.(value) ?? Promise.resolve({ done: true, value })
  }

  async throw(error?: unknown): Promise<IteratorResult<unknown>> {
    this.#leave()
    if (this.#inner.throw === undefined) throw error
    return this.#inner.throw(error)
  }

  #begin(message: Message, waiting: WaitingContext): void {
    const { options, source } = this.#iterated
    const subscription: Subscription = source
    let hop: MessageHop | undefined
    if (isOfStream(message)) hop = beginOfStream(options, message)
    else if (subscription.protocol !== undefined) hop = beginHop(options, subscription, message)
    if (hop === undefined) return
    this.#hop = hop
    waiting.fill(hop.context)
  }

  #leave(): void {
    safely('nats iterator', () => {
      this.#endHop()
      this.#iterated.options.storage.enterWith(this.#outer as Context)
    })
  }

  #endHop(): void {
    this.#hop?.ended()
    this.#hop = undefined
  }
}

/** A context that becomes another one. */
class WaitingContext implements Context {
  #context: Context

  constructor(outer: Context) {
    this.#context = outer
  }

  fill(context: Context): void {
    this.#context = context
  }

  getValue(key: symbol): unknown {
    return this.#context.getValue(key)
  }

  setValue(key: symbol, value: unknown): Context {
    return this.#context.setValue(key, value)
  }

  deleteValue(key: symbol): Context {
    return this.#context.deleteValue(key)
  }
}
