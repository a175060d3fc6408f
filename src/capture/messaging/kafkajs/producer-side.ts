/**
 * What kafkajs sends: `send`, `sendBatch` and those of a transaction all end in one function of its own, made by `sendMessages.js`.
 *
 * It is an async function of kafkajs: ours only calls it and returns its very promise, so it is on no stack once kafkajs has waited for
 * anything, as it does before it asks an application's partitioner. The trace is put into each record where it is encoded, into a copy
 * of its headers; that function is a leaf.
 */
import { context as contextApi, type Context } from '@opentelemetry/api'

import { safely } from '../../../diag/guarded.ts'
import { readField, readItems } from '../../../model/js-object.ts'
import { recordCarrier } from '../message-carrier.ts'
import { beginSend, type MessageSend } from '../message-send.ts'
import type { MessagingOptions } from '../messaging-options.ts'
import { brokerOf } from './kafka-address.ts'
import { kafkaCarrier } from './kafka-headers.ts'

type SendMessages = (request: unknown) => Promise<unknown>
type Factory = (dependencies: unknown) => SendMessages
type Encoder = (record: { readonly headers?: object }) => unknown

interface UnderWay {
  readonly send: MessageSend
  /** What travels in each record whose application has set none of it. Made once. */
  readonly headers: Readonly<Record<string, string>>
}

export interface ProducerSide {
  sendMessagesFactory(original: unknown): Factory
  recordEncoder(original: unknown): Encoder
}

export function createProducerSide(options: MessagingOptions, isOn: () => boolean): ProducerSide {
  const underWay = new WeakMap<Context, UnderWay>()
  const begin = (cluster: unknown, request: unknown): MessageSend => {
    const topics = readItems(readField(request, 'topicMessages'))
    const messageCount = topics.reduce<number>((sum, one) => sum + readItems(readField(one, 'messages')).length, 0)
    const send = beginSend(options, { system: 'kafka', name: commonTopic(topics), ...brokerOf(cluster) })
    if (messageCount !== 1) send.learn({ messageCount })
    const headers: Record<string, string> = {}
    send.carry(recordCarrier(headers))
    underWay.set(send.context, { send, headers })
    return send
  }
  return {
    sendMessagesFactory(original) {
      const factory = original as Factory
      return (dependencies) => {
        const sendMessages = factory(dependencies)
        return (request) => {
          const cluster = readField(dependencies, 'cluster')
          const send = isOn() ? safely('kafkajs send', () => begin(cluster, request)) : undefined
          if (send === undefined) return sendMessages(request)
          const sent = options.storage.run(send.context, sendMessages, request)
          // A branch of ours, which does not reject: who does not hear of a failure still does not.
          sent.then(
            () => safely('kafkajs send', () => send.ended()),
            (error: unknown) => safely('kafkajs send', () => send.failed(error)),
          )
          return sent
        }
      }
    },
    recordEncoder(original) {
      const encode = original as Encoder
      return (record) => {
        const found = isOn() ? underWay.get(contextApi.active()) : undefined
        if (found === undefined) return encode(record)
        return encode(safely('kafkajs record', () => withTrace(record, found)) ?? record)
      }
    },
  }
}

/** `''`: several. */
function commonTopic(topics: readonly unknown[]): string {
  const [first, ...others] = topics.map((one) => readField(one, 'topic'))
  return typeof first === 'string' && others.every((topic) => topic === first) ? first : ''
}

function withTrace<R extends { readonly headers?: object }>(record: R, { send, headers }: UnderWay): R {
  const own = record.headers ?? {}
  if (!Object.keys(headers).some((name) => Object.hasOwn(own, name))) {
    return { ...record, headers: { ...own, ...headers } }
  }
  const copy: Record<string, unknown> = { ...own }
  send.carry(kafkaCarrier(copy))
  return { ...record, headers: copy }
}
