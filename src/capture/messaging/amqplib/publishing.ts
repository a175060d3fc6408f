/**
 * What amqplib publishes: a span that ends when the message is on its way (a broker answers confirm channels only, and much later), and
 * the trace in its headers.
 */
import { beginSend } from '../message-send.ts'
import type { MessagingOptions } from '../messaging-options.ts'
import { amqpCarrier } from './amqp-headers.ts'
import { destinationOf, text, type Channel, type Published } from './amqplib-types.ts'

export function publish(options: MessagingOptions, channel: Channel, published: Published): void {
  // Without an exchange the key is the queue; keys of an exchange may have as many values as there are messages.
  const name = text(published.exchange) === '' ? text(published.routingKey) : text(published.exchange)
  const send = beginSend(options, destinationOf(channel, name))
  if (typeof published.messageId === 'string') send.learn({ messageId: published.messageId })
  send.carry(amqpCarrier(published.headers))
  send.ended()
}
