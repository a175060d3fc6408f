/**
 * amqplib 0.10 and later: what is published and what consumers are handed, as hops, with promises and with callbacks alike.
 *
 * Each call of a channel first makes its arguments by a function of api_args.js, and then reads the method that sends them: the one tells
 * what, the other, an accessor, on which channel. The frozen arguments get a copy that stands in for them. What a consumer is handed is
 * known to `dispatchMessage` as an argument only: that one function is ours, and calls theirs.
 */
import { safely } from '../../../diag/guarded.ts'
import { readField } from '../../../model/js-object.ts'
import type { LibraryFile, LibraryHook } from '../../library-instrumentation.ts'
import type { PackageFile } from '../../package-files.ts'
import { accessMethod } from '../method-accessor.ts'
import type { MessagingOptions } from '../messaging-options.ts'
import type { Acknowledged, Channel, Message, Published, Subscribed } from './amqplib-types.ts'
import { Consumers, type Entered } from './consumers.ts'
import { publish } from './publishing.ts'

/** A file of amqplib, and what it is to us. */
export interface AmqplibFile extends PackageFile {
  readonly role: 'arguments' | 'channel' | 'model'
}

type Prototype = Record<string, unknown>
type Make<T> = (...args: unknown[]) => T

/** Opened when the first of amqplib's files is loaded. */
export function createAmqplibHook(options: MessagingOptions): LibraryHook<AmqplibFile> {
  const seams = new Seams(options)
  const known = new WeakSet<object>()
  return {
    onFile(loaded) {
      const { exports, module } = loaded
      seams.isEnabled = true
      // What stands in for a function of amqplib is in use already, and stays: it asks each time whether it is wanted.
      if (!known.has(exports as object)) seams.watch(loaded)
      known.add(exports as object).add(module.exports as object)
      return () => {
        seams.isEnabled = false
      }
    },
  }
}

class Seams {
  isEnabled = true
  readonly #options: MessagingOptions
  readonly #consumers: Consumers
  /** What was made last, for the method that is read next, in the same tick. */
  #published: Published | undefined
  #subscribed: Subscribed | undefined
  /** Whose `ack` was read last: its arguments are made next. */
  #acking: Channel | undefined

  constructor(options: MessagingOptions) {
    this.#options = options
    this.#consumers = new Consumers(options)
  }

  watch({ file, exports, module }: LibraryFile<AmqplibFile>): void {
    switch (file.role) {
      case 'arguments':
        module.exports = this.#argumentsLike(exports as object)
        break
      case 'channel':
        this.#watchChannels(prototypeOf(exports, 'Channel'), prototypeOf(exports, 'BaseChannel'))
        break
      case 'model':
        this.#watchAcknowledging(prototypeOf(exports, 'Channel'))
    }
  }

  /** The same functions, some of which are heard. */
  #argumentsLike(original: object): object {
    const heard: Readonly<Record<string, (made: unknown) => void>> = {
      publish: (made) => (this.#published = made as Published),
      consume: (made) => (this.#subscribed = made as Subscribed),
      ack: (made) => this.#acknowledged(made as Acknowledged, undefined),
      nack: (made) => this.#acknowledged(made as Acknowledged, 'nack'),
      reject: (made) => this.#acknowledged(made as Acknowledged, 'reject'),
    }
    const replaced = Object.entries(heard).map(([name, hear]) => {
      const make = (original as Record<string, Make<unknown>>)[name]
      if (typeof make !== 'function') throw new Error(`its arguments have no ${name}`)
      const value = (...args: unknown[]) => {
        const made = make(...args)
        if (this.isEnabled) safely('amqplib', () => hear(made))
        return made
      }
      return [name, { value, enumerable: true }]
    })
    return Object.freeze(Object.create(original, Object.fromEntries(replaced) as PropertyDescriptorMap) as object)
  }

  #watchChannels(channel: Prototype, base: Prototype): void {
    const sending = (on: Channel) => {
      const published = this.#published
      this.#published = undefined
      if (published !== undefined) publish(this.#options, on, published)
    }
    const asking = (on: Channel) => {
      const subscribed = this.#subscribed
      this.#subscribed = undefined
      if (subscribed !== undefined) this.#consumers.subscribing(on, subscribed)
    }
    const closed = (on: Channel) => this.#consumers.closed(on)
    accessMethod(channel, 'sendMessage', sending)
    accessMethod(channel, '_rpc', asking)
    accessMethod(channel, 'toClosed', closed)
    replaceMethod(base, 'registerConsumer', (original) => registering(original, this.#consumers))
    replaceMethod(base, 'dispatchMessage', (original) =>
      dispatching(original, (on, message) =>
        this.isEnabled && message !== null ? safely('amqplib', () => this.#consumers.enter(on, message)) : undefined,
      ),
    )
  }

  #watchAcknowledging(prototype: Prototype): void {
    const acking = (on: Channel) => (this.#acking = on)
    for (const name of ['ack', 'nack', 'reject', 'ackAll', 'nackAll']) accessMethod(prototype, name, acking)
  }

  #acknowledged(made: Acknowledged, refusal: string | undefined): void {
    const channel = this.#acking
    this.#acking = undefined
    if (channel !== undefined) this.#consumers.acknowledged(channel, made, refusal)
  }
}

type Method = (...args: never[]) => unknown

/** The server has answered: below it only a Map is written. */
function registering(original: Method, consumers: Consumers) {
  return function (this: Channel, tag: unknown, ...rest: unknown[]): unknown {
    safely('amqplib', () => consumers.subscribed(this, String(tag)))
    return Reflect.apply(original, this, [tag, ...rest])
  }
}

/** The one function of ours that stands above a consumer. */
function dispatching(original: Method, enter: (on: Channel, message: Message | null) => Entered | undefined) {
  return function (this: Channel, fields: unknown, message: Message | null): unknown {
    const entered = enter(this, message)
    if (entered === undefined) return original.call(this, fields as never, message as never)
    try {
      const result = original.call(this, fields as never, message as never)
      entered.returned(result)
      return result
    } catch (error) {
      entered.threw(error)
      throw error
    }
  }
}

function replaceMethod(prototype: Prototype, name: string, make: (original: Method) => unknown): void {
  const descriptor = Object.getOwnPropertyDescriptor(prototype, name)
  if (typeof descriptor?.value !== 'function') throw new Error(`its channels have no ${name}`)
  Object.defineProperty(prototype, name, { ...descriptor, value: make(descriptor.value as Method) })
}

function prototypeOf(exports: unknown, name: string): Prototype {
  const prototype = readField(readField(exports, name), 'prototype')
  if (typeof prototype !== 'object' || prototype === null) throw new Error(`it has no class ${name}`)
  return prototype as Prototype
}
