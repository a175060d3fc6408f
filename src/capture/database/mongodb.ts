/**
 * mongodb 6 and 7: each command is one hop, by the events that the driver makes for `monitorCommands`.
 *
 * The driver is told that somebody monitors; what the application monitors stays its own affair. The events are heard where they are made:
 * when their last field is assigned. A command begins in its caller's context; its end has nothing but the request's id. Where waiting
 * commands are handed a connection by callbacks (6.0), each goes on in the context that it waited in.
 * The driver's own commands (hello, authentication, the end of sessions) leave nothing behind. What was in a command never does.
 */
import { context as contextApi } from '@opentelemetry/api'

import { monotonicMillis } from '../../diag/clock.ts'
import { readField } from '../../model/js-object.ts'
import { onFirstWrite } from '../hop/prototype-seams.ts'
import type { LibraryHook } from '../library-instrumentation.ts'
import type { PackageFile } from '../package-files.ts'
import { codeField, databaseFailure, type DatabaseFailure } from './database-failure.ts'
import { beginDatabaseHop, type DatabaseHop } from './database-hop.ts'
import { DatabasePlaces, type DatabaseOperation } from './database-operation.ts'
import { databaseOptionsOf, type DatabaseOptions, type DatabaseSettings } from './database-options.ts'
import { watchMonitorCommands } from './mongodb-monitoring.ts'
import { watchMongodbPool } from './mongodb-pool.ts'

export interface MongodbFile extends PackageFile {
  readonly part: 'events' | 'connection' | 'pool'
}

/** What the driver makes. */
interface CommandEvent {
  readonly requestId: number
  /** `host:port`, or the path of a socket. */
  readonly address?: unknown
  readonly commandName?: unknown
  readonly databaseName?: unknown
  readonly command?: unknown
  readonly reply?: unknown
  readonly failure?: unknown
}
interface Class {
  readonly prototype: object
}
type Undo = () => void

/** The driver sends them by itself, or they are about who it is. */
const QUIET: ReadonlySet<string> = new Set([
  'hello',
  'ismaster',
  'isMaster',
  'authenticate',
  'saslStart',
  'saslContinue',
  'getnonce',
  'endSessions',
])
/** Their first argument is the name of a collection; of others it may be anything. */
const ON_COLLECTION: ReadonlySet<string> = new Set(
  [
    'find insert update delete aggregate count distinct findAndModify findandmodify mapReduce',
    'create drop collMod createIndexes dropIndexes listIndexes killCursors',
  ].flatMap((names) => names.split(' ')),
)
/** Commands without an answer are rare, and would be kept for ever. */
const MAX_OPEN = 10_000

export function createMongodbHook(settings: DatabaseSettings): LibraryHook<MongodbFile> {
  const options = databaseOptionsOf(settings)
  return {
    onFile({ file, exports }) {
      if (file.part === 'events') return watchEvents(exports as Readonly<Record<string, Class>>, options)
      if (file.part === 'pool') return watchMongodbPool(exports as { readonly ConnectionPool: Class }, options.storage)
      return watchMonitorCommands(exports as { readonly Connection: Class })
    },
  }
}

/** One copy of the driver: its request ids are its own. */
function watchEvents(classes: Readonly<Record<string, Class>>, options: DatabaseOptions): Undo {
  const places = new DatabasePlaces()
  const open = new Map<number, DatabaseHop>()
  const take = (id: number) => {
    const hop = open.get(id)
    open.delete(id)
    return hop
  }
  const undo = [
    onLastField(classes, 'CommandStartedEvent', 'command', function (this: CommandEvent) {
      const operation = operationOf(this, places)
      if (operation === undefined || open.size >= MAX_OPEN) return
      const hop = beginDatabaseHop(options, operation, {
        context: contextApi.active(),
        startedMillis: monotonicMillis(),
      })
      if (hop !== undefined) open.set(this.requestId, hop)
    }),
    onLastField(classes, 'CommandSucceededEvent', 'reply', function (this: CommandEvent) {
      const hop = take(this.requestId)
      const refused = writeError(this.reply)
      if (refused === undefined) hop?.ended()
      else hop?.failed(failureOf(refused))
    }),
    onLastField(classes, 'CommandFailedEvent', 'failure', function (this: CommandEvent) {
      take(this.requestId)?.failed(failureOf(this.failure))
    }),
  ]
  return () => undo.forEach((each) => each())
}

/** @throws where the driver has no such class */
function onLastField(
  classes: Readonly<Record<string, Class>>,
  name: string,
  field: string,
  listener: (this: CommandEvent) => void,
): Undo {
  const made = classes[name]
  if (made === undefined) throw new Error(`it has no ${name}`)
  return onFirstWrite(made.prototype, field, listener)
}

/** @returns `undefined` for what leaves nothing behind */
function operationOf(event: CommandEvent, places: DatabasePlaces): DatabaseOperation | undefined {
  const { commandName: operation, databaseName, command, address } = event
  if (typeof operation !== 'string' || QUIET.has(operation)) return undefined
  return places
    .of({
      system: 'mongodb',
      namespace: typeof databaseName === 'string' ? databaseName : undefined,
      ...hostAndPort(typeof address === 'string' ? address : ''),
    })
    .named({ operation, collection: collectionOf(operation, command) })
}

function collectionOf(operation: string, command: unknown): string | undefined {
  const field = operation === 'getMore' ? 'collection' : ON_COLLECTION.has(operation) ? operation : undefined
  const name = field === undefined ? undefined : readField(command, field)
  return typeof name === 'string' ? name : undefined
}

function hostAndPort(address: string): { address: string; port: number | undefined } {
  const [, host, port] = /^(.*):(\d{1,5})$/s.exec(address) ?? []
  if (host === undefined) return { address, port: undefined }
  return { address: host.replace(/^\[(.*)\]$/, '$1'), port: Number(port) }
}

/** A write that was refused is answered as a success. */
function writeError(reply: unknown): unknown {
  const errors = readField(reply, 'writeErrors')
  return Array.isArray(errors) ? (errors as unknown[])[0] : undefined
}

/** What the server said: an error of the driver's, or its very answer. */
function failureOf(error: unknown): DatabaseFailure {
  const code = codeField(error, 'code')
  const isServers = code !== undefined && /^\d+$/.test(code)
  const message = readField(error, 'message') ?? readField(error, 'errmsg')
  const { type, ...said } = databaseFailure(error, isServers ? code : undefined)
  const named = codeField(error, 'codeName')
  const masked = message === undefined ? said : databaseFailure({ message }, said.code)
  return { ...masked, type: isServers ? (named ?? code) : type }
}
