/**
 * What is published: a PRODUCER span from the call until it is handed to the connection, and the trace in a copy of its headers.
 */
import { safely } from '../../../diag/guarded.ts'
import { beginSend, type MessageSend } from '../message-send.ts'
import type { MessagingOptions } from '../messaging-options.ts'
import { destinationOf, isInternal, natsCarrier, type Headers, type Protocol } from './nats-types.ts'

interface PublishOptions {
  readonly headers?: Headers
}
export type Publish = (this: Protocol, subject: string, data: unknown, options?: PublishOptions) => unknown

export interface PublishSeam {
  readonly options: MessagingOptions
  readonly isOn: () => boolean
  readonly newHeaders: () => Headers
}

export function publishOver(original: Publish, { options, isOn, newHeaders }: PublishSeam): Publish {
  return function (subject, data, given, ...rest: unknown[]) {
    const send =
      isOn() && !isInternal(subject, this)
        ? safely('nats publish', () => beginSend(options, destinationOf(this, subject)))
        : undefined
    if (send === undefined) return Reflect.apply(original, this, [subject, data, given, ...rest]) as unknown
    const carrying = safely('nats publish', () => withTrace(send, this, { given, newHeaders })) ?? given
    try {
      const result: unknown = Reflect.apply(original, this, [subject, data, carrying, ...rest])
      safely('nats publish', () => send.ended())
      return result
    } catch (error) {
      safely('nats publish', () => send.failed(error))
      throw error
    }
  }
}

/** A server that takes no headers would refuse the message. */
function withTrace(
  send: MessageSend,
  { info }: Protocol,
  { given, newHeaders }: { given: PublishOptions | undefined; newHeaders: () => Headers },
): PublishOptions | undefined {
  if (info?.headers !== true) return given
  const headers = newHeaders()
  let count = 0
  const carrier = natsCarrier(headers)
  for (const [name, values] of given?.headers ?? []) for (const value of values) headers.append(name, value)
  send.carry({
    ...carrier,
    set(name, value) {
      count++
      carrier.set(name, value)
    },
  })
  return count === 0 ? given : { ...given, headers }
}
