/**
 * What of amqplib is read: its channels, what its api_args.js makes, and the messages that it hands out.
 */
import { readField } from '../../../model/js-object.ts'
import type { Destination } from '../messaging-options.ts'

export interface Channel {
  readonly connection?: unknown
}

/** Fields and properties in one: what is given to `sendMessage` twice. */
export interface Published {
  readonly exchange?: unknown
  readonly routingKey?: unknown
  readonly messageId?: unknown
  /** An object of amqplib's, whose prototype is the application's: what is set on it is seen by nobody else. */
  readonly headers: Record<string, unknown>
}

export interface Subscribed {
  readonly queue?: unknown
  readonly noAck?: unknown
}

export interface Acknowledged {
  readonly deliveryTag?: unknown
  /** All up to this one. */
  readonly multiple?: unknown
}

export interface Message {
  readonly fields: {
    readonly consumerTag?: unknown
    readonly deliveryTag?: unknown
    readonly redelivered?: unknown
    readonly exchange?: unknown
    readonly routingKey?: unknown
  }
  readonly properties: { readonly headers?: Record<string, unknown>; readonly messageId?: unknown }
}

export function destinationOf(channel: Channel, name: string): Destination {
  const stream = readField(channel.connection, 'stream')
  // Node keeps the name that it has looked up; of an address there is none.
  const host = [readField(stream, '_host'), readField(stream, 'remoteAddress')].find((one) => typeof one === 'string')
  const port = readField(stream, 'remotePort')
  return {
    system: 'rabbitmq',
    name: withoutId(name),
    host: typeof host === 'string' ? host : undefined,
    port: typeof port === 'number' ? port : undefined,
  }
}

/** Queues that a server has named are called by their kind: a span's name has few values. */
const NAMED_BY_SERVER = ['amq.gen', 'amq.rabbitmq.reply-to', 'amq.rabbitmq.fast-reply-to']

function withoutId(name: string): string {
  return NAMED_BY_SERVER.find((kind) => name.startsWith(kind)) ?? name
}

export function text(value: unknown): string {
  return typeof value === 'string' ? value : ''
}
