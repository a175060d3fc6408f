/**
 * A message of JetStream as a hop: it tells its stream, its consumer, which attempt it is, and how long it lay in the stream.
 */
import { wallMillis } from '../../../diag/clock.ts'
import { readField } from '../../../model/js-object.ts'
import { beginMessage, type MessageHop } from '../message-hop.ts'
import type { MessageFacts, MessagingOptions } from '../messaging-options.ts'
import { destinationOf, natsCarrier, type Message } from './nats-types.ts'

/** JsMsg. */
export interface StreamMessage extends Message {
  readonly info: unknown
  readonly msg?: unknown
}

export function isOfStream(message: Message): message is StreamMessage {
  return typeof readField(message, 'ack') === 'function' && readField(message, 'info') !== undefined
}

const NANOS_PER_MILLI = 1_000_000

export function beginOfStream(options: MessagingOptions, message: StreamMessage): MessageHop {
  const { info, headers, msg } = message
  const protocol = readField(msg, 'publisher')
  const stream = readField(info, 'stream')
  const hop = beginMessage(options, destinationOf(protocol, String(stream)), [natsCarrier(headers)], false)
  hop.learn(factsOf(info))
  return hop
}

function factsOf(info: unknown): MessageFacts {
  const consumer = readField(info, 'consumer')
  const attempt = readField(info, 'deliveryCount') ?? readField(info, 'redeliveryCount')
  const storedMillis = Number(readField(info, 'timestampNanos') ?? 0) / NANOS_PER_MILLI
  return {
    ...(typeof consumer === 'string' ? { group: consumer } : {}),
    ...(typeof attempt === 'number' ? { attempt } : {}),
    ...(storedMillis > 0 ? { queuedMillis: Math.max(0, wallMillis() - storedMillis) } : {}),
  }
}
