/**
 * pg 8: each query of a Client or Pool, with callback, promise, name or cursor, is one hop.
 *
 * pg publishes nothing. Heard are the methods that its Client reads from prototypes: `_pulseQueryQueue` just after a query was put into the
 * queue, in its caller's run of code; at its end `handleReadyForQuery` or `handleError`, just before the caller's callback. A
 * connection that could not be made is a hop of its own, one that could is none; waiting for a pool's client is none.
 * Not heard: pg.native, COPY streams.
 */
import { context as contextApi } from '@opentelemetry/api'

import { monotonicMillis } from '../../diag/clock.ts'
import { onFirstWrite, onRead } from '../hop/prototype-seams.ts'
import type { LibraryHook } from '../library-instrumentation.ts'
import type { PackageFile } from '../package-files.ts'
import { beginDatabaseHop } from './database-hop.ts'
import { DatabasePlaces, type DatabaseOperation, type DatabaseOperations } from './database-operation.ts'
import { databaseOptionsOf, type DatabaseOptions, type DatabaseSettings } from './database-options.ts'
import { failureOf, lossOf, PgErrors } from './pg-errors.ts'
import { noteOfClient, noteOfQuery, noteQuery, type PgClient, type PgQuery } from './pg-notes.ts'
import { watchPgPool } from './pg-pool.ts'

export interface PgFile extends PackageFile {
  readonly part: 'client' | 'query' | 'cursor' | 'pool' | 'connection' | 'protocol'
}

interface Class {
  readonly prototype: object
}
type Undo = () => void

export function createPgHook(settings: DatabaseSettings): LibraryHook<PgFile> {
  const hook = new PgHook(databaseOptionsOf(settings))
  return { onFile: ({ file, exports }) => hook.attach(file.part, exports) }
}

class PgHook {
  readonly #options: DatabaseOptions
  readonly #errors = new PgErrors()
  readonly #places = new DatabasePlaces()
  /** Of queries whose end is heard. */
  readonly #known = new Set<object>()
  /** By its connection: who connects. */
  readonly #connecting = new WeakMap<object, PgClient>()

  constructor(options: DatabaseOptions) {
    this.#options = options
  }

  attach(part: PgFile['part'], exports: unknown): Undo | undefined {
    if (part === 'client') return this.#watchClient(exports as Class)
    if (part === 'query') return this.#watchQuery(exports as Class)
    if (part === 'cursor') return this.#watchCursor(exports as Class)
    if (part === 'pool') return watchPgPool(exports as Class, this.#options.storage)
    if (part === 'protocol') return this.#errors.watchProtocol(exports as { readonly DatabaseError: Class })
    return this.#errors.watchConnection(exports as Class, (connection, error) => {
      const client = this.#connecting.get(connection)
      if (client?._connecting === true) this.#connectFailed(client, error)
    })
  }

  #watchClient({ prototype }: Class): Undo {
    // oxlint-disable-next-line typescript/no-this-alias -- a listener's `this` is pg's object
    const hook = this
    return seams(
      prototype,
      {
        _pulseQueryQueue(this: PgClient) {
          hook.#begin(this)
        },
        connect(this: PgClient) {
          noteOfClient(this).connecting = callerNow()
          if (this.connection !== undefined) hook.#connecting.set(this.connection, this)
        },
        _errorAllQueries(this: PgClient) {
          const loss = hook.#errors.take() ?? lossOf(this)
          if (this._connecting === true) hook.#connectFailed(this, loss)
          noteOfClient(this).loss = loss
        },
      },
      {
        // Not in 8.0: there the end of the socket tells.
        _handleErrorWhileConnecting(this: PgClient) {
          hook.#connectFailed(this, hook.#errors.take() ?? lossOf(this))
        },
      },
    )
  }

  #watchQuery({ prototype }: Class): Undo {
    // oxlint-disable-next-line typescript/no-this-alias -- a listener's `this` is pg's object
    const hook = this
    this.#known.add(prototype)
    return seams(prototype, {
      handleReadyForQuery(this: PgQuery) {
        if (this._canceledDueToError) hook.#failed(this, this._canceledDueToError)
        else hook.#ended(this)
      },
      handleError(this: PgQuery) {
        hook.#failed(this, this._canceledDueToError || hook.#errors.take())
      },
      handleDataRow(this: PgQuery) {
        if (this._events?.row !== undefined) hook.#enter(this)
      },
    })
  }

  #watchCursor({ prototype }: Class): Undo {
    // oxlint-disable-next-line typescript/no-this-alias -- a listener's `this` is pg-cursor's object
    const hook = this
    this.#known.add(prototype)
    const unwatch = seams(prototype, {
      _closePortal(this: PgQuery) {
        hook.#ended(this)
      },
      // Read by QueryStream too, when it is made: there is no note on it then.
      handleReadyForQuery(this: PgQuery) {
        hook.#ended(this)
      },
      _sendRows(this: PgQuery) {
        hook.#enter(this)
      },
    })
    const unwatchError = onFirstWrite(prototype, '_error', function (this: PgQuery & { readonly _error?: unknown }) {
      hook.#failed(this, this._error)
    })
    return () => {
      unwatch()
      unwatchError()
    }
  }

  /** The query that was put into the queue last, if it was just now. */
  #begin(client: PgClient): void {
    const queue = Object.hasOwn(client, '_queryQueue') ? client._queryQueue : client.queryQueue
    const queued = queue?.at(-1)
    if (queued === undefined) return
    const query = queued.cursor ?? queued
    if (noteOfQuery(query) !== undefined || !this.#isKnown(query)) return
    const caller = callerNow()
    const hop = beginDatabaseHop(this.#options, this.#operationOf(query, this.#operationsOn(client)), caller)
    noteQuery(query, { context: caller.context, client, hop })
  }

  #isKnown(query: PgQuery): boolean {
    if (this.#known.has(Object.getPrototypeOf(query) as object)) return true
    return [...this.#known].some((prototype) => Object.prototype.isPrototypeOf.call(prototype, query))
  }

  #operationsOn(client: PgClient): DatabaseOperations {
    const note = noteOfClient(client)
    if (note.operations !== undefined) return note.operations
    const { host, port, database } = client
    const isSocket = host?.startsWith('/') === true
    note.operations = this.#places.of({
      system: 'postgresql',
      namespace: database,
      address: host,
      port: isSocket ? undefined : port,
    })
    return note.operations
  }

  #operationOf({ text }: PgQuery, operations: DatabaseOperations): DatabaseOperation {
    if (typeof text === 'string') return operations.statement(text, 'postgresql')
    // A prepared statement, by its name alone.
    return operations.named({ operation: 'EXECUTE', collection: undefined })
  }

  #ended(query: PgQuery): void {
    noteOfQuery(query)?.hop?.ended()
    this.#enter(query)
  }

  #failed(query: PgQuery, error: unknown): void {
    const note = noteOfQuery(query)
    if (note === undefined) this.#refused(query, error)
    else if (note.hop?.hasEnded === false) note.hop.failed(failureOf(error || noteOfClient(note.client).loss))
    this.#enter(query)
  }

  /** Never put into the queue: its client is closed or has lost its connection. pg says so in the caller's next tick. */
  #refused(query: PgQuery, error: unknown): void {
    const nowhere = { system: 'postgresql', namespace: undefined, address: undefined, port: undefined } as const
    const operation = this.#operationOf(query, this.#places.of(nowhere))
    beginDatabaseHop(this.#options, operation, callerNow())?.failed(failureOf(error))
  }

  #connectFailed(client: PgClient, error: unknown): void {
    const note = noteOfClient(client)
    const caller = note.connecting
    if (caller === undefined) return
    note.connecting = undefined
    const operation = this.#operationsOn(client).named({ operation: 'connect', collection: undefined })
    beginDatabaseHop(this.#options, operation, caller)?.failed(failureOf(error))
  }

  /** The callback that follows belongs to who asked. */
  #enter(query: PgQuery): void {
    const context = noteOfQuery(query)?.context
    if (context !== undefined && context !== contextApi.active()) this.#options.storage.enterWith(context)
  }
}

function callerNow() {
  return { context: contextApi.active(), startedMillis: monotonicMillis() }
}

type Listeners = Readonly<Record<string, (this: never) => void>>

/** @throws where one that must be there is not */
function seams(prototype: object, needed: Listeners, optional: Listeners = {}): Undo {
  const undo: Undo[] = []
  for (const [name, listener] of Object.entries(needed)) {
    const step = onRead(prototype, name, listener)
    if (step === undefined) {
      for (const each of undo) each()
      throw new Error(`it has no method ${name}`)
    }
    undo.push(step)
  }
  for (const [name, listener] of Object.entries(optional)) {
    const step = onRead(prototype, name, listener)
    if (step !== undefined) undo.push(step)
  }
  return () => undo.forEach((each) => each())
}
