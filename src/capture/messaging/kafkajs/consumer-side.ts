/**
 * What kafkajs hands to `eachMessage` and `eachBatch`: each message, or each batch, is a hop from just before its handler is called.
 *
 * A Runner reads `this.eachMessage` to call it, after its loop has taken the message; both are seen, by an accessor and by an iterator of
 * ours on the array, and have returned when the handler runs. It ends with `resolveOffset`; a failed one with `isKafkaJSError(error)`,
 * which a Runner asks of whatever a handler threw. What a Runner does then, and its loop's other tasks, are in no message's context.
 */
import type { Context } from '@opentelemetry/api'

import { wallMillis } from '../../../diag/clock.ts'
import { guarded, safely } from '../../../diag/guarded.ts'
import { currentUnit } from '../../../context/request-unit.ts'
import { readField } from '../../../model/js-object.ts'
import { beginMessage, MessageHop } from '../message-hop.ts'
import type { MessageFacts, MessagingOptions } from '../messaging-options.ts'
import { accessMethod } from '../method-accessor.ts'
import { brokerOf } from './kafka-address.ts'
import { kafkaCarrier } from './kafka-headers.ts'

interface Message {
  readonly headers?: Record<string, unknown>
  readonly offset?: unknown
  readonly timestamp?: unknown
}
interface Batch {
  readonly topic: string
  readonly partition: number
  readonly messages: Message[]
}
interface Runner {
  readonly consumerGroup?: unknown
}
type Prototype = Record<string, unknown>

/** Of a batch so many messages are looked at for their senders: a span has no more links. */
const MAX_LINKED = 128

/** What a hop leaves when it is over. */
interface Entered {
  readonly hop: MessageHop
  readonly outer: Context | undefined
  readonly isBatch: boolean
  readonly place: Place
}

/** Where in a topic a group is. */
interface Place {
  /** Group, topic and partition. */
  readonly partition: string
  readonly offset: string | undefined
  /** How often what is there has failed in this process. */
  readonly failedBefore: number
}

/** Kafka counts no attempts; what failed in this process is known here. */
interface Failure {
  readonly offset: string | undefined
  readonly times: number
}

export interface ConsumerSide {
  watchRunners(exports: unknown): void
  watchGroups(exports: unknown): void
  watchBatches(exports: unknown): void
  watchErrors(exports: unknown): void
}

export function createConsumerSide(options: MessagingOptions, isOn: () => boolean): ConsumerSide {
  const side = new Consumers(options, isOn)
  return {
    watchRunners: (exports) => side.watchRunners(prototypeOf(exports)),
    watchGroups: (exports) => void accessMethod(prototypeOf(exports), 'resolveOffset', () => side.messageIsHandled()),
    watchBatches(exports) {
      accessMethod(prototypeOf(exports), 'isEmpty', (batch: Batch) => side.batchIsAtHand(batch))
    },
    watchErrors(exports) {
      const errors = exports as Record<string, unknown>
      const original = errors['isKafkaJSError'] as (error: unknown) => boolean
      errors['isKafkaJSError'] = (error: unknown) => {
        safely('kafkajs', () => side.handlerHasFailed(error))
        return original(error)
      }
    },
  }
}

function prototypeOf(exports: unknown): Prototype {
  const prototype = readField(exports, 'prototype')
  if (typeof prototype !== 'object' || prototype === null) throw new Error('a file of it exports no class')
  return prototype as Prototype
}

class Consumers {
  readonly #options: MessagingOptions
  readonly #isOn: () => boolean
  /** The batch that a Runner has asked last whether it is empty: it goes on with that one in the same tick. */
  #atHand: Batch | undefined
  /** What is handed to the handler that is read next. */
  #handed: { readonly batch: Batch; readonly message: Message | undefined } | undefined
  readonly #entered = new WeakMap<MessageHop, Entered>()
  /** By partition: a group goes on behind what has failed only when that is handled. */
  readonly #failures = new Map<string, Failure>()

  constructor(options: MessagingOptions, isOn: () => boolean) {
    this.#options = options
    this.#isOn = isOn
  }

  watchRunners(prototype: Prototype): void {
    const leave = () => this.#leave()
    for (const name of ['handleBatch', 'fetch']) accessMethod(prototype, name, leave)
    accessMethod(prototype, 'processEachMessage', () => this.#takeMessages())
    accessMethod(prototype, 'processEachBatch', () => this.#takeBatch())
    const begin = (runner: Runner) => this.#begin(runner)
    for (const name of ['eachMessage', 'eachBatch']) accessField(prototype, name, begin)
    accessField(prototype, 'eachBatchAutoResolve', () => this.#batchIsHandled())
  }

  batchIsAtHand(batch: Batch): void {
    this.#atHand = batch
  }

  /** The loop that follows takes them one by one. */
  #takeMessages(): void {
    const batch = this.#atHand
    this.#atHand = undefined
    if (batch === undefined || !this.#isOn()) return
    const { messages } = batch
    Object.defineProperty(messages, Symbol.iterator, {
      configurable: true,
      enumerable: false,
      value: () => {
        Reflect.deleteProperty(messages, Symbol.iterator)
        return this.#iterator(batch)
      },
    })
  }

  #iterator(batch: Batch): Iterator<Message> {
    const messages = batch.messages.values()
    const leave = () => safely('kafkajs', () => this.#leave())
    return {
      next: () => {
        leave()
        const step = messages.next()
        this.#handed = step.done === true ? undefined : { batch, message: step.value }
        return step
      },
      return: () => {
        leave()
        return { done: true, value: undefined }
      },
    }
  }

  #takeBatch(): void {
    const batch = this.#atHand
    this.#atHand = undefined
    this.#handed = batch === undefined || !this.#isOn() ? undefined : { batch, message: undefined }
  }

  /** The handler is about to be called, or only looked at. */
  #begin({ consumerGroup }: Runner): void {
    const handed = this.#handed
    this.#handed = undefined
    if (handed === undefined) return
    const { batch, message } = handed
    const destination = { system: 'kafka', name: batch.topic, ...brokerOf(readField(consumerGroup, 'cluster')) }
    const messages = message === undefined ? batch.messages.slice(0, MAX_LINKED) : [message]
    const carriers = messages.map(({ headers }) => kafkaCarrier({ ...headers }))
    const isBatch = message === undefined
    const outer = this.#outer()
    const hop = beginMessage(this.#options, destination, carriers, isBatch)
    const facts = factsOf(batch, message, readField(consumerGroup, 'groupId'))
    const place = this.#placeOf(JSON.stringify([facts.group, batch.topic, batch.partition]), facts.offset)
    hop.learn(place.failedBefore === 0 ? facts : { ...facts, attempt: place.failedBefore + 1 })
    this.#entered.set(hop, { hop, outer, isBatch, place })
    this.#options.storage.enterWith(hop.context)
  }

  #placeOf(partition: string, offset: string | undefined): Place {
    const failure = this.#failures.get(partition)
    return { partition, offset, failedBefore: failure?.offset === offset ? (failure?.times ?? 0) : 0 }
  }

  messageIsHandled(): void {
    const here = this.#here()
    if (here?.isBatch !== false) return
    this.#failures.delete(here.place.partition)
    here.hop.ended()
  }

  #batchIsHandled(): void {
    const here = this.#here()
    if (here?.isBatch !== true) return
    this.#failures.delete(here.place.partition)
    here.hop.ended()
    this.#leave()
  }

  handlerHasFailed(error: unknown): void {
    const here = this.#here()
    if (here === undefined) return
    const { partition, offset, failedBefore } = here.place
    this.#failures.set(partition, { offset, times: failedBefore + 1 })
    // What kafkajs logs of it next belongs to the message still.
    here.hop.failed(error)
  }

  /** Out of the message whose context this is. */
  #leave(): void {
    const here = this.#here()
    if (here !== undefined) this.#options.storage.enterWith(here.outer as Context)
  }

  /** The message, or the batch, whose context this is. */
  #here(): Entered | undefined {
    const hop = currentUnit()
    return hop instanceof MessageHop ? this.#entered.get(hop) : undefined
  }

  #outer(): Context | undefined {
    this.#leave()
    return this.#options.storage.getStore()
  }
}

function factsOf({ partition, messages }: Batch, message: Message | undefined, group: unknown): MessageFacts {
  const first = message ?? messages[0]
  const sentMillis = Number(first?.timestamp)
  return {
    ...(typeof group === 'string' ? { group } : {}),
    partition: String(partition),
    ...(message === undefined ? { messageCount: messages.length } : {}),
    ...(typeof first?.offset === 'string' ? { offset: first.offset } : {}),
    ...(sentMillis > 0 ? { queuedMillis: Math.max(0, wallMillis() - sentMillis) } : {}),
  }
}

/** A field that the constructor assigns, seen whenever it is read. Of an object that no application gets. */
function accessField(prototype: Prototype, name: string, onRead: (subject: never) => void): void {
  const value = Symbol(name)
  const noted = guarded(`the field ${name}`, onRead)
  Object.defineProperty(prototype, name, {
    configurable: true,
    enumerable: true,
    get(this: object) {
      noted(this)
      return Reflect.get(this, value) as unknown
    },
    set(this: object, assigned: unknown) {
      Reflect.set(this, value, assigned)
    },
  })
}
