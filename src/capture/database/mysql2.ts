/**
 * mysql2 by the tracing channels that it publishes (3.20 and later): each query and each prepared statement is one hop.
 *
 * Its channels tell of a call where it is made, and of its answer before the callback runs. The callback runs in its caller's context by
 * the store that is bound to `asyncStart`; waiting for a pool's connection is no hop, and goes on in its caller's context in the same way.
 * A connection that could not be made is a hop. What is published has the values in the statement; they are not kept.
 */
import { channel } from 'node:diagnostics_channel'
import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'

import { context as contextApi, type Context } from '@opentelemetry/api'

import { monotonicMillis } from '../../diag/clock.ts'
import { guardedQuestion } from '../../diag/guarded.ts'
import type { ChannelListeners } from '../hop/channel-subscriptions.ts'
import { Itself } from '../hop/prototype-seams.ts'
import type { LibraryHook } from '../library-instrumentation.ts'
import { codeField, databaseFailure, type DatabaseFailure } from './database-failure.ts'
import { beginDatabaseHop, type DatabaseHop } from './database-hop.ts'
import { DatabasePlaces, type DatabaseOperation } from './database-operation.ts'
import { databaseOptionsOf, type DatabaseOptions, type DatabaseSettings } from './database-options.ts'

/** What mysql2 publishes. */
interface Message {
  readonly query?: unknown
  readonly database?: string
  readonly serverAddress?: string
  readonly serverPort?: number
  readonly error?: unknown
}

/** What we know of a call, on its message. */
class Note extends Itself {
  #context: Context = contextApi.active()
  #hop: DatabaseHop | undefined

  static put(message: Message, hop: DatabaseHop | undefined): void {
    const noted = #hop in message ? message : new Note(message)
    noted.#hop = hop
  }

  static hopOf(message: Message): DatabaseHop | undefined {
    return #hop in message ? message.#hop : undefined
  }

  static contextOf(message: Message): Context | undefined {
    return #hop in message ? message.#context : undefined
  }
}

/** Their callbacks run in the context of who called. */
const WITH_CALLBACK = ['mysql2:query', 'mysql2:execute', 'mysql2:pool:connect']

export function createMysql2Hook(settings: DatabaseSettings): LibraryHook {
  const options = databaseOptionsOf(settings)
  return { onFile: ({ path }) => bindContexts(path, options), channels: listeners(options) }
}

/** @throws for a version that publishes nothing */
function bindContexts(path: string, { storage }: DatabaseOptions): () => void {
  if (!existsSync(join(dirname(path), 'tracing.js'))) throw new Error('it publishes what it does from 3.20.0 on')
  // Not the context of a message: nothing is entered.
  const contextOf = guardedQuestion(
    'mysql2 callback',
    (message: Message) => Note.contextOf(message) ?? contextApi.active(),
  )
  const channels = WITH_CALLBACK.map((name) => channel(`tracing:${name}:asyncStart`))
  for (const each of channels) each.bindStore(storage, contextOf as (message: unknown) => Context)
  return () => channels.forEach((each) => each.unbindStore(storage))
}

function listeners(options: DatabaseOptions): ChannelListeners {
  const places = new DatabasePlaces()
  const begin = (message: Message, operation: DatabaseOperation) => {
    const caller = { context: contextApi.active(), startedMillis: monotonicMillis() }
    Note.put(message, beginDatabaseHop(options, operation, caller))
  }
  const call = {
    start: (message: Message) => begin(message, operationsOn(places, message).statement(textOf(message), 'mysql')),
    asyncStart: (message: Message) => Note.hopOf(message)?.ended(),
    error: (message: Message) => Note.hopOf(message)?.failed(failureOf(message.error)),
  }
  return Object.fromEntries([
    ...named('mysql2:query', call),
    ...named('mysql2:execute', call),
    ...named('mysql2:pool:connect', { start: (message) => Note.put(message, undefined) }),
    ...named('mysql2:connect', connectListeners(options, places)),
  ])
}

type Events = Readonly<Record<string, (message: Message) => void>>

function named(name: string, events: Events): [string, (message: Message) => void][] {
  return Object.entries(events).map(([event, listener]) => [`tracing:${name}:${event}`, listener])
}

/** A connection that is made leaves nothing behind. */
function connectListeners(options: DatabaseOptions, places: DatabasePlaces) {
  const startedMillis = new WeakMap<Message, number>()
  return {
    start(message: Message) {
      Note.put(message, undefined)
      startedMillis.set(message, monotonicMillis())
    },
    error(message: Message) {
      const context = Note.contextOf(message) ?? contextApi.active()
      const caller = { context, startedMillis: startedMillis.get(message) ?? monotonicMillis() }
      const operation = operationsOn(places, message).named({ operation: 'connect', collection: undefined })
      beginDatabaseHop(options, operation, caller)?.failed(failureOf(message.error))
    },
  }
}

function operationsOn(places: DatabasePlaces, { database, serverAddress, serverPort }: Message) {
  return places.of({ system: 'mysql', namespace: database, address: serverAddress, port: serverPort })
}

function textOf({ query }: Message): string {
  return typeof query === 'string' ? query : ''
}

function failureOf(error: unknown): DatabaseFailure {
  // The server's errors have both.
  const code = codeField(error, 'sqlState') === undefined ? undefined : codeField(error, 'errno')
  return databaseFailure(error, code)
}
