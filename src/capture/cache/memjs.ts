/**
 * memjs 1.3: each get, set, add, replace, delete, increment, decrement, append, prepend and touch, with a callback or a promise, is one
 * hop. Not heard: flush, stats, quit.
 *
 * memjs publishes nothing. Heard are the methods that it reads from prototypes. `perform` reads its client's `server`, then that server's
 * `onResponse`, in its caller's run of code; with what it was called, it tells itself. A message that has arrived lies in the
 * server's buffer when `respond` is read, just before the caller's callback; `error` is read when the connection is lost, and its
 * requests are performed again or have failed. Callbacks run in their caller's context; those of several requests that fail with one
 * connection run where memjs runs them.
 */
import type { AsyncLocalStorage } from 'node:async_hooks'

import { context as contextApi, type Context } from '@opentelemetry/api'

import { monotonicMillis, wallMillis } from '../../diag/clock.ts'
import { Itself, onRead } from '../hop/prototype-seams.ts'
import { requireArgumentsOf, runningArguments } from '../hop/running-arguments.ts'
import type { LibraryHook } from '../library-instrumentation.ts'
import { beginCacheHop, type CacheHop } from './cache-hop.ts'
import type { CacheOptions } from './cache-options.ts'
import { memcachedOperation } from './memcached-commands.ts'
import { lossOf, memjsCommand, MESSAGE, refusalOf, type MemjsCommand, type MemjsServer } from './memjs-messages.ts'

interface MemjsClient {
  readonly servers: readonly MemjsServer[]
  readonly options: { readonly retries?: number; readonly failover?: boolean }
}
interface Memjs {
  readonly Client: { readonly prototype: { readonly perform?: unknown } }
  readonly Server: { readonly prototype: object }
}

/** A request that is under way. */
interface Note {
  readonly command: MemjsCommand
  readonly context: Context
  /** `undefined`: nothing is to be recorded. */
  readonly hop: CacheHop | undefined
  readonly client: MemjsClient
  readonly request: Buffer
  /** This attempt included. */
  attemptsLeft: number
}

/** On a server, by a request's number; nobody else sees it. */
class ServerStamp extends Itself {
  readonly #notes = new Map<number, Note>()

  static of(server: object): Map<number, Note> {
    return (#notes in server ? server : new ServerStamp(server)).#notes
  }
}

export function createMemjsHook(options: CacheOptions, storage: AsyncLocalStorage<Context>): LibraryHook {
  return { onFile: ({ exports }) => new MemjsHook(options, storage, exports as Memjs).attach() }
}

class MemjsHook {
  readonly #options: CacheOptions
  readonly #storage: AsyncLocalStorage<Context>
  readonly #memjs: Memjs
  readonly #perform: ReturnType<typeof requireArgumentsOf>
  /** Whose server was looked for last. */
  #client: MemjsClient | undefined
  /** By its bytes: a request between two attempts. */
  readonly #lost = new WeakMap<object, Note>()

  constructor(options: CacheOptions, storage: AsyncLocalStorage<Context>, memjs: Memjs) {
    this.#options = options
    this.#storage = storage
    this.#memjs = memjs
    this.#perform = requireArgumentsOf(memjs.Client.prototype.perform)
  }

  attach(): () => void {
    // oxlint-disable-next-line typescript/no-this-alias -- a listener's `this` is memjs's object
    const hook = this
    const { Client, Server } = this.#memjs
    const undo = [
      onRead(Client.prototype, 'server', function (this: MemjsClient) {
        hook.#client = this
        if (this.servers.every(isAsleep)) hook.#nobodyThere()
      }),
      onRead(Server.prototype, 'onResponse', function (this: MemjsServer) {
        hook.#performs(this)
      }),
      onRead(Server.prototype, 'respond', function (this: MemjsServer) {
        hook.#responds(this)
      }),
      onRead(Server.prototype, 'error', function (this: MemjsServer) {
        hook.#loses(this)
      }),
    ]
    return () => undo.forEach((step) => step?.())
  }

  #performs(server: MemjsServer): void {
    const seq = runningArguments(this.#perform)?.[2]
    const note = this.#noteFor(server)
    if (note !== undefined) ServerStamp.of(server).set(seq as number, note)
  }

  /** Of the request that is performed now. */
  #noteFor(server: MemjsServer | undefined): Note | undefined {
    const args = runningArguments(this.#perform)
    const client = this.#client
    if (args === undefined || client === undefined) return undefined
    const { 0: key, 1: request, 4: retries } = args
    // Only memjs itself gives the last one, with an attempt that is not the first.
    const note =
      retries === undefined ? this.#begin(client, { server, key, request }) : this.#lost.get(request as object)
    if (note === undefined) return undefined
    note.attemptsLeft = (retries as number | undefined) || (client.options.retries ?? 1)
    this.#enter(note)
    return note
  }

  #begin(client: MemjsClient, { server, key, request }: BegunRequest): Note | undefined {
    const command = memjsCommand(request)
    if (command === undefined) return undefined
    const caller = { context: contextApi.active(), startedMillis: monotonicMillis() }
    const operation = memcachedOperation({
      command: command.name,
      address: server?.host,
      port: server?.port,
      key: this.#options.keys === 'pattern' ? key : undefined,
    })
    const hop = beginCacheHop(this.#options, operation, caller)
    return { command, context: caller.context, hop, client, request: request as Buffer, attemptsLeft: 1 }
  }

  #responds(server: MemjsServer): void {
    const message = server.responseBuffer
    const seq = message.readUInt32BE(MESSAGE.seq)
    const notes = ServerStamp.of(server)
    const note = notes.get(seq)
    if (note === undefined) return
    notes.delete(seq)
    const { command, hop } = note
    const status = message.readUInt16BE(MESSAGE.status)
    if (status === 0 || status === command.notDone) hop?.ended(command.name === 'get' ? status === 0 : undefined)
    else hop?.failed(refusalOf(status))
    this.#enter(note)
  }

  #loses(server: MemjsServer): void {
    const notes = ServerStamp.of(server)
    const lost = [...notes.values()]
    notes.clear()
    const loss = lossOf(server)
    for (const note of lost) {
      if (note.attemptsLeft > 1 || note.client.options.failover === true) this.#lost.set(note.request, note)
      else note.hop?.failed(loss)
    }
    if (lost.length === 1) this.#enter(lost[0]!)
  }

  /** Each server has failed before: memjs says so at once. */
  #nobodyThere(): void {
    this.#noteFor(undefined)?.hop?.failed({ name: 'Error', message: 'No servers available' })
  }

  #enter({ context }: Note): void {
    if (context !== contextApi.active()) this.#storage.enterWith(context)
  }
}

interface BegunRequest {
  readonly server: MemjsServer | undefined
  readonly key: unknown
  readonly request: unknown
}

function isAsleep({ wakeupAt }: MemjsServer): boolean {
  return wakeupAt !== undefined && wakeupAt > wallMillis()
}
