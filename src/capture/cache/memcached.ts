/**
 * memcached 2.2: each get, gets, set, add, replace, append, prepend, cas, incr, decr, del and touch is one hop, a getMulti one per server
 * that it asks. Not heard: what asks servers and no key (flush, stats, version).
 *
 * memcached publishes nothing. Each query is an object, which `validateArg` of its lib/utils.js is given in the caller's run of code;
 * how it ends, the query itself tells (memcached-query.ts). Its callback runs in its caller's context. A function of ours stands in
 * the stack of one callback: of a call with wrong arguments, which `validateArg` calls itself; that call is no hop.
 */
import type { AsyncLocalStorage } from 'node:async_hooks'

import { context as contextApi, type Context } from '@opentelemetry/api'

import { monotonicMillis } from '../../diag/clock.ts'
import { safely } from '../../diag/guarded.ts'
import type { LibraryHook } from '../library-instrumentation.ts'
import { beginCacheHop } from './cache-hop.ts'
import type { CacheOptions } from './cache-options.ts'
import { memcachedOperation } from './memcached-commands.ts'
import { onQueryEnd, type MemcachedQuery } from './memcached-query.ts'

interface MemcachedClient {
  readonly servers: readonly string[]
  readonly HashRing: { get(key: unknown): string | undefined }
  /** By its server. */
  readonly issues: Readonly<Record<string, { readonly messages?: readonly (string | Error)[] } | undefined>>
}
type ValidateArg = (this: unknown, query: MemcachedQuery, client: MemcachedClient) => boolean

interface Utils {
  readonly validateArg: ValidateArg
}

export function createMemcachedHook(options: CacheOptions, storage: AsyncLocalStorage<Context>): LibraryHook {
  return { onFile: ({ exports }) => watchQueries(exports as Utils, (call) => begin(call, options, storage)) }
}

interface Call {
  readonly query: MemcachedQuery
  readonly client: MemcachedClient
}

function watchQueries(utils: Utils, listener: (call: Call) => void): () => void {
  const { validateArg: original } = utils
  if (typeof original !== 'function') throw new Error('its queries are not validated as they were')
  const descriptor = Object.getOwnPropertyDescriptor(utils, 'validateArg')!
  const validateArg: ValidateArg = function (query, client) {
    const isValid = original.call(this, query, client)
    if (isValid) safely('memcached query', listener, { query, client })
    return isValid
  }
  Object.defineProperty(utils, 'validateArg', { ...descriptor, value: validateArg })
  return () => Object.defineProperty(utils, 'validateArg', descriptor)
}

function begin({ query, client }: Call, options: CacheOptions, storage: AsyncLocalStorage<Context>): void {
  const caller = { context: contextApi.active(), startedMillis: monotonicMillis() }
  const server = serverOf(query, client)
  const operation = memcachedOperation({
    command: query.type,
    ...placeOf(server),
    key: options.keys === 'pattern' ? firstKey(query) : undefined,
  })
  const hop = beginCacheHop(options, operation, caller)
  onQueryEnd(query, ({ isAnswered, endsAsReads, values }) => {
    if (!isAnswered) hop?.failed(lossOf(client, server))
    else if (!operation.isRead) hop?.ended(undefined)
    else if (endsAsReads) hop?.ended(values > 0)
    else hop?.failed({ name: 'Error', message: 'memcached answered with an error' })
    if (caller.context !== contextApi.active()) storage.enterWith(caller.context)
  })
}

/** As the client will choose it. A getMulti has chosen already: by its first key, and all in its command have the same. */
function serverOf(query: MemcachedQuery, { servers, HashRing }: MemcachedClient): string | undefined {
  if (servers.length === 1) return servers[0]
  return HashRing.get(Array.isArray(query.key) ? query.command.split(' ', 2)[1] : query.key)
}

function firstKey({ key }: MemcachedQuery): unknown {
  return Array.isArray(key) ? (key as unknown[])[0] : key
}

/** memcached's own default. */
const DEFAULT_PORT = 11_211

/** Of `host:port`, `host` or the path of a socket. */
function placeOf(server: string | undefined): {
  readonly address: string | undefined
  readonly port: number | undefined
} {
  if (server === undefined || server.startsWith('/')) return { address: server, port: undefined }
  const colon = server.lastIndexOf(':')
  const port = colon < 0 ? Number.NaN : Number(server.slice(colon + 1))
  return Number.isInteger(port) ? { address: server.slice(0, colon), port } : { address: server, port: DEFAULT_PORT }
}

/** Why the server is not there: what the client wrote down of it last, as a text: `Error: connect ECONNREFUSED 127.0.0.1:11211`. */
function lossOf({ issues }: MemcachedClient, server = ''): object {
  const message = String(issues[server]?.messages?.at(-1) ?? 'no server is available')
  const code = /\bE[A-Z]{4,}\b/.exec(message)?.[0]
  return { name: 'Error', message, ...(code === undefined ? {} : { code }) }
}
