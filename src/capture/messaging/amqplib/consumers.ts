/**
 * What consumers of amqplib are handed: a hop from the call of the consumer until it is over.
 *
 * That is when the consumer has returned and its promise, if it gave one, has settled, and the message is acknowledged, if it has to be.
 * A message that is refused (`nack`, `reject`) has failed, and so has one whose consumer throws. What a closed channel takes back is
 * aborted.
 */
import type { Context } from '@opentelemetry/api'

import { safely } from '../../../diag/guarded.ts'
import { wallMillis } from '../../../diag/clock.ts'
import { beginMessage, type MessageHop } from '../message-hop.ts'
import type { MessageFacts, MessagingOptions } from '../messaging-options.ts'
import { amqpCarrier } from './amqp-headers.ts'
import { destinationOf, text, type Acknowledged, type Channel, type Message, type Subscribed } from './amqplib-types.ts'

interface Subscription {
  readonly queue: string
  readonly mustAck: boolean
}

interface Open {
  readonly hop: MessageHop
  readonly tag: number
  /** Of its channel, this one among them. */
  readonly all: Set<Open>
  isAcknowledged: boolean
  hasReturned: boolean
}

/** A message whose consumer is being called: one of the two, and the context is left. */
export interface Entered {
  returned(result: unknown): void
  threw(error: unknown): void
}

/** Of one channel. */
interface OfChannel {
  /** Asked for, in the order in which the server answers. */
  readonly asked: Subscription[]
  readonly byTag: Map<string, Subscription>
  readonly open: Set<Open>
}

export class Consumers {
  readonly #options: MessagingOptions
  readonly #channels = new WeakMap<Channel, OfChannel>()

  constructor(options: MessagingOptions) {
    this.#options = options
  }

  subscribing(channel: Channel, { queue, noAck }: Subscribed): void {
    this.#of(channel).asked.push({ queue: text(queue), mustAck: noAck !== true })
  }

  /** The server has answered. A refused subscription ends its channel, so that answers and questions stay in step. */
  subscribed(channel: Channel, tag: string): void {
    const { asked, byTag } = this.#of(channel)
    const subscription = asked.shift()
    if (subscription !== undefined) byTag.set(tag, subscription)
  }

  /** Begins the message's hop, and enters its context: `returned` or `threw` leaves it. */
  enter(channel: Channel, message: Message): Entered {
    const { fields, properties } = message
    const ofChannel = this.#of(channel)
    const { queue, mustAck } = ofChannel.byTag.get(text(fields.consumerTag)) ?? { queue: '', mustAck: true }
    const name = queue === '' ? text(fields.exchange) || text(fields.routingKey) : queue
    const headers = properties.headers ?? {}
    const hop = beginMessage(this.#options, destinationOf(channel, name), [amqpCarrier(headers)], false)
    hop.learn(factsOf(message, headers))
    const tag = Number(fields.deliveryTag)
    const { storage } = this.#options
    const outer = storage.getStore()
    const open: Open = { hop, tag, all: ofChannel.open, isAcknowledged: !mustAck, hasReturned: false }
    ofChannel.open.add(open)
    storage.enterWith(hop.context)
    const leave = () => storage.enterWith(outer as Context)
    return {
      returned(result) {
        leave()
        safely('amqplib consumer', () => awaitResult(open, result))
      },
      threw(error) {
        leave()
        safely('amqplib consumer', () => fail(open, error))
      },
    }
  }

  acknowledged(channel: Channel, { deliveryTag, multiple }: Acknowledged, refusal: string | undefined): void {
    const last = Number(deliveryTag)
    const { open } = this.#of(channel)
    for (const one of open) {
      // 0 with `multiple` means all of the channel.
      const isMeant = multiple === true ? last === 0 || one.tag <= last : one.tag === last
      if (!isMeant) continue
      one.isAcknowledged = true
      if (refusal === undefined) endIfOver(one)
      else fail(one, { code: refusal, message: `the consumer gave it back (${refusal})` })
    }
  }

  closed(channel: Channel): void {
    const { open } = this.#of(channel)
    for (const { hop } of open) hop.finishNow()
    open.clear()
  }

  #of(channel: Channel): OfChannel {
    let known = this.#channels.get(channel)
    if (known === undefined) {
      known = { asked: [], byTag: new Map(), open: new Set() }
      this.#channels.set(channel, known)
    }
    return known
  }
}

function awaitResult(open: Open, result: unknown): void {
  const returned = () => {
    open.hasReturned = true
    endIfOver(open)
  }
  if (!(result instanceof Promise)) {
    returned()
    return
  }
  // A branch of ours, which does not reject: who does not hear of a failure still does not.
  result.then(
    () => safely('amqplib consumer', returned),
    (error: unknown) => safely('amqplib consumer', () => fail(open, error)),
  )
}

function endIfOver(open: Open): void {
  if (!open.isAcknowledged || !open.hasReturned) return
  open.all.delete(open)
  open.hop.ended()
}

function fail(open: Open, error: unknown): void {
  open.all.delete(open)
  open.hop.failed(error)
}

function factsOf({ fields, properties }: Message, headers: Record<string, unknown>): MessageFacts {
  // Quorum queues count; others know only that it is not the first time.
  const { 'x-delivery-count': count, timestamp_in_ms: sent } = headers
  const before = typeof count === 'number' ? count : fields.redelivered === true ? 1 : 0
  return {
    attempt: before + 1,
    ...(typeof properties.messageId === 'string' ? { messageId: properties.messageId } : {}),
    ...(typeof sent === 'number' ? { queuedMillis: Math.max(0, wallMillis() - sent) } : {}),
  }
}
