/**
 * NATS, by `nats` 2 and by `@nats-io/nats-core` 3, which all clients of that generation are made of: what is published and what
 * subscriptions get, as hops. A request is a send like any other; its answer is part of the message that is answered.
 *
 * A message's subject, headers and handler are known to arguments only: `publish` of the protocol, below which no code of the
 * application runs, and the callback of a subscription are called by a function of ours. Iterators: message-iterator.ts.
 */
import { safely } from '../../../diag/guarded.ts'
import { readField } from '../../../model/js-object.ts'
import type { LibraryHook } from '../../library-instrumentation.ts'
import type { PackageFile } from '../../package-files.ts'
import { accessMethod } from '../method-accessor.ts'
import type { MessagingOptions } from '../messaging-options.ts'
import { watchIterators } from './message-iterator.ts'
import { isInternal, type Headers, type Protocol, type Subscription } from './nats-types.ts'
import { publishOver, type Publish } from './publishing.ts'
import { MESSAGE_AFTER_ERROR, withHops, withStreamHops } from './subscriptions.ts'

/** A file of a NATS client, and what it is to us. */
export interface NatsFile extends PackageFile {
  readonly role: 'protocol' | 'headers' | 'iterator' | 'consumer' | 'stream-client'
}

type Prototype = Record<string, unknown>

/** Opened when the first of the files is loaded. */
export function createNatsHook(options: MessagingOptions): LibraryHook<NatsFile> {
  let isEnabled = true
  /** Each client's own: `nats` and `@nats-io/nats-core` may both be there. */
  const makers = new Map<string, () => Headers>()
  const watchers: Readonly<Record<NatsFile['role'], (exports: unknown, client: string) => () => void>> = {
    headers(exports, client) {
      makers.set(client, readField(exports, 'headers') as () => Headers)
      return () => makers.delete(client)
    },
    protocol(exports, client) {
      const prototype = prototypeOf(exports, 'ProtocolHandler')
      const isOn = () => isEnabled && makers.has(client)
      const undoPublish = replace(prototype, 'publish', (original) =>
        publishOver(original as Publish, { options, isOn, newHeaders: () => (makers.get(client) as () => Headers)() }),
      )
      const undoSubscribe = replace(
        prototype,
        'subscribe',
        (original) =>
          function (this: Protocol, ...args: unknown[]) {
            const subscription = args[0] as Subscription
            if (isEnabled && subscription.noIterator === true && !isInternal(subscription.subject, this)) {
              safely('nats subscription', () => withHops(options, subscription))
            }
            return Reflect.apply(original, this, args)
          },
      )
      return () => {
        undoPublish()
        undoSubscribe()
      }
    },
    'stream-client': (exports) => watchStreamClient(exports, options, () => isEnabled),
    consumer: (exports) => watchConsumers(exports, (consumer) => withStreamHops(options, consumer)),
    iterator: (exports) => watchIterators(prototypeOf(exports, 'QueuedIteratorImpl'), options),
  }
  return {
    onFile({ exports, file }) {
      isEnabled = true
      const undo = watchers[file.role](exports, file.package)
      return () => {
        isEnabled = false
        undo()
      }
    },
  }
}

/** Its subscriptions keep what they are made of here: the callback is called for each message. */
function watchStreamClient(exports: unknown, options: MessagingOptions, isOn: () => boolean): () => void {
  return replace(
    prototypeOf(exports, 'JetStreamClientImpl'),
    '_buildTypedSubscriptionOpts',
    (original) =>
      function (this: unknown, ...args: unknown[]) {
        const made: unknown = Reflect.apply(original, this, args)
        if (isOn() && typeof made === 'object' && made !== null)
          safely('nats subscription', () => withStreamHops(options, made, MESSAGE_AFTER_ERROR))
        return made
      },
  )
}

/** Each kind starts when it has its callback, and before its first message. */
const CONSUMERS = ['PullConsumerMessagesImpl', 'PushConsumerMessagesImpl']

function watchConsumers(exports: unknown, onStart: (consumer: Subscription) => void): () => void {
  const undo = CONSUMERS.filter((name) => readField(exports, name) !== undefined).map((name) =>
    accessMethod(prototypeOf(exports, name), 'start', onStart),
  )
  return () => undo.forEach((each) => each())
}

function prototypeOf(exports: unknown, name: string): Prototype {
  const prototype = readField(readField(exports, name), 'prototype')
  if (typeof prototype !== 'object' || prototype === null) throw new Error(`it has no class ${name}`)
  return prototype as Prototype
}

type Method = (...args: never[]) => unknown

/** @returns gives the method back, unless somebody has replaced it since */
function replace(prototype: Prototype, name: string, make: (original: Method) => Method): () => void {
  const descriptor = Object.getOwnPropertyDescriptor(prototype, name)
  const original: unknown = descriptor?.value
  if (typeof original !== 'function') throw new Error(`its protocol has no ${name}`)
  const value = make(original as Method)
  Object.defineProperty(prototype, name, { ...descriptor, value })
  return () => {
    if (prototype[name] === value) Object.defineProperty(prototype, name, { ...descriptor })
  }
}
