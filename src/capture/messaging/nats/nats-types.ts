/**
 * What of the NATS clients is read: `nats` 2 and `@nats-io/nats-core` 3 have the same classes.
 */
import { readField } from '../../../model/js-object.ts'
import type { MessageCarrier } from '../message-carrier.ts'
import type { Destination } from '../messaging-options.ts'

/** MsgHdrs. */
export interface Headers extends Iterable<readonly [name: string, values: readonly string[]]> {
  has(name: string): boolean
  get(name: string): string
  set(name: string, value: string): void
  append(name: string, value: string): void
  delete(name: string): void
}

export interface Protocol {
  /** What the server told of itself. */
  readonly info?: { readonly headers?: unknown }
  readonly server?: unknown
  readonly options?: { readonly inboxPrefix?: unknown }
}

export interface Subscription {
  readonly protocol?: Protocol
  /** May have wildcards: the kind of subject. */
  readonly subject?: unknown
  readonly queue?: unknown
  /** Of the answers to a request that the client sent itself. */
  readonly requestSubject?: unknown
  readonly noIterator?: unknown
  callback?: unknown
}

export interface Message {
  readonly headers?: Headers
  readonly subject?: unknown
}

export function natsCarrier(headers: Headers | undefined): MessageCarrier {
  return {
    get: (name) => (headers?.has(name) === true ? headers.get(name) : undefined),
    set: (name, value) => headers?.set(name, value),
    delete: (name) => headers?.delete(name),
  }
}

export function destinationOf(protocol: unknown, name: string): Destination {
  const server = readField(protocol, 'server')
  const [host, port] = [readField(server, 'hostname'), readField(server, 'port')]
  return {
    system: 'nats',
    name,
    host: typeof host === 'string' ? host : undefined,
    port: typeof port === 'number' ? port : undefined,
  }
}

/**
 * Whether a subject is the clients' and servers' own: answers to requests, acknowledgements, questions to JetStream. What stands in them
 * is part of the message that is asked or answered.
 */
export function isInternal(subject: unknown, protocol: Protocol | undefined): boolean {
  if (typeof subject !== 'string') return true
  const prefix = protocol?.options?.inboxPrefix
  return subject.startsWith('$') || subject.startsWith(`${typeof prefix === 'string' ? prefix : '_INBOX'}.`)
}
