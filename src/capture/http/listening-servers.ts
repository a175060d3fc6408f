/**
 * Requests that no HTTP channel announces: upgrades and CONNECT of node:http, and all of node:http2's servers.
 *
 * A server is met when it begins to listen (channel `net.server.listen`); a listener of ours goes before the application's,
 * enters the request's context and returns: no function is wrapped, no frame of ours stands in a stack.
 */
import { channel } from 'node:diagnostics_channel'
import type { EventEmitter } from 'node:events'
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'

import type { Context } from '@opentelemetry/api'

import { EMITTER_MARK } from '../../context/context-manager.ts'
import { guarded } from '../../diag/guarded.ts'
import { bindEmitter, watchEmitters } from './emitter-context.ts'
import type { HopOptions } from '../hop/hop-options.ts'
import { serverTiming } from './response-headers.ts'
import { beginServerHop, quietContext, type Answer, type ServerHop } from './server-hop.ts'
import { parseTarget } from './url-query.ts'

/** On a server: our listeners are in place. */
const WATCHED: unique symbol = Symbol.for('org.tracelog.watched-server')
/** On an HTTP/2 stream: its hop. */
const STREAM_HOP: unique symbol = Symbol.for('org.tracelog.stream-hop')

type WatchedServer = EventEmitter & { [WATCHED]?: true }
type Http2Headers = IncomingHttpHeaders & { readonly ':method'?: string; readonly ':path'?: string }

interface Http2Stream extends EventEmitter {
  readonly session?: { readonly socket?: Socket }
  readonly sentHeaders?: Readonly<Record<string, unknown>>
  readonly aborted: boolean
  readonly rstCode: number
  [STREAM_HOP]?: ServerHop
}
interface Http2Response {
  readonly stream?: Http2Stream
  setHeader(name: string, value: string): unknown
}

export interface ListeningServers {
  enable(): void
  disable(): void
}

/** @param onHttpServer  called when one of node:http's own servers begins to listen: node:http is in use */
export function createListeningServers(
  options: HopOptions,
  isIgnored: (path: string) => boolean,
  onHttpServer: () => void,
): ListeningServers {
  const settings: Settings = { options, isIgnored, isEnabled: false }
  const onListen = guarded('net.server.listen', ({ server }: { server: WatchedServer }) => {
    if (server[WATCHED] === true) return
    server[WATCHED] = true
    if (server.listenerCount('stream') > 0) watchHttp2(server, settings)
    else if ('maxHeadersCount' in server) {
      onHttpServer()
      watchUpgrades(server, settings)
    }
  })
  const listening = channel('tracing:net.server.listen:asyncStart')
  return {
    enable() {
      settings.isEnabled = true
      listening.subscribe(onListen)
    },
    disable() {
      settings.isEnabled = false
      listening.unsubscribe(onListen)
    },
  }
}

interface Settings {
  readonly options: HopOptions
  readonly isIgnored: (path: string) => boolean
  isEnabled: boolean
}

function watchUpgrades(server: EventEmitter, settings: Settings): void {
  const onUpgrade = guardedPair((request: IncomingMessage, socket: Socket) => beginUpgrade(request, socket, settings))
  const attached = new Set<string | symbol>()
  const attach = (event: string | symbol) => {
    if ((event !== 'upgrade' && event !== 'connect') || attached.has(event)) return
    attached.add(event)
    server.prependListener(event, onUpgrade)
  }
  for (const event of ['upgrade', 'connect']) if (server.listenerCount(event) > 0) attach(event)
  // A WebSocket library may come later, and go. Without a listener of the application's there must be none of ours: Node
  // would leave the socket open then.
  server.on('newListener', attach)
  server.on('removeListener', (event) => {
    if (!attached.has(event) || server.listenerCount(event) > 1) return
    attached.delete(event)
    server.removeListener(event, onUpgrade)
  })
}

const NOT_ANSWERED: Answer = { end: () => ({ status: undefined, isComplete: false }) }

function beginUpgrade(request: IncomingMessage, socket: Socket, { options, isIgnored, isEnabled }: Settings): void {
  if (!isEnabled) return
  const target = parseTarget(request.url ?? '/')
  if (isIgnored(target.path)) {
    enter(options, quietContext(request.headers), [request, socket])
    return
  }
  const hop = beginServerHop(options, { request, target, socket })
  hop.track(NOT_ANSWERED)
  const finish = (status: number | undefined) => {
    const { unit } = hop
    const passedOn = unit.attempts.find((attempt) => attempt.method === unit.method && attempt.status === '')
    if (status === 101 && passedOn !== undefined) {
      unit.component = 'load_balancer'
      passedOn.status = '101'
    }
    hop.finish({ status, isComplete: status !== undefined })
  }
  onFirstWrite(socket, (chunk) => finish(statusOf(chunk)))
  socket.once('close', () => finish(undefined))
  enter(options, hop.context, [request, socket])
}

/** The hop of an upgrade ends with its answer: what the sockets say afterwards is no HTTP. */
function onFirstWrite(socket: Socket, first: (chunk: unknown) => void): void {
  const writable = socket as unknown as Record<'write' | 'end', (...args: unknown[]) => unknown>
  // A refusal is often one `end`, which does not come by `write`.
  const methods = (['write', 'end'] as const).map((name) => ({
    name,
    original: writable[name],
    had: Object.hasOwn(socket, name),
  }))
  const restore = () => {
    for (const { name, original, had } of methods) {
      if (had) writable[name] = original
      else Reflect.deleteProperty(socket, name)
    }
  }
  for (const { name, original } of methods) {
    writable[name] = (...args) => {
      restore()
      first(args[0])
      return Reflect.apply(original, socket, args)
    }
  }
}

function statusOf(chunk: unknown): number | undefined {
  const line = typeof chunk === 'string' ? chunk : Buffer.isBuffer(chunk) ? chunk.toString('latin1', 0, 32) : ''
  const status = /^HTTP\/1\.[01] (\d{3})/.exec(line)?.[1]
  return status === undefined ? undefined : Number(status)
}

function watchHttp2(server: EventEmitter, settings: Settings): void {
  const onStream = (stream: Http2Stream, headers: Http2Headers) => beginStream(stream, headers, settings)
  server.prependListener('stream', guardedPair(onStream))
  // The compatibility API; the streams' own `respond` is left alone.
  if (server.listenerCount('request') === 0 || settings.options.sendsResponseContext === false) return
  server.prependListener('request', guardedPair(addTiming))
}

function addTiming(_request: unknown, response: Http2Response): void {
  const hop = response.stream?.[STREAM_HOP]
  if (hop !== undefined) response.setHeader('server-timing', serverTiming(hop.unit))
}

function beginStream(stream: Http2Stream, headers: Http2Headers, { options, isIgnored, isEnabled }: Settings): void {
  if (!isEnabled) return
  watchEmitters(Object.getPrototypeOf(stream) as object, options.storage)
  const target = parseTarget(headers[':path'] ?? '/')
  if (isIgnored(target.path)) {
    enter(options, quietContext(headers), [stream])
    return
  }
  const request = { method: headers[':method'] ?? 'GET', httpVersion: '2.0', headers }
  const hop = beginServerHop(options, { request, target, socket: stream.session?.socket ?? {} })
  stream[STREAM_HOP] = hop
  hop.track({ end: () => streamEnd(stream, false) })
  stream.once('close', () => {
    hop.finish(streamEnd(stream, !stream.aborted && stream.rstCode === 0))
  })
  enter(options, hop.context, [stream])
}

function streamEnd(
  { sentHeaders }: Http2Stream,
  isComplete: boolean,
): { status: number | undefined; isComplete: boolean } {
  const status = Number(sentHeaders?.[':status'])
  return { status: status > 0 ? status : undefined, isComplete }
}

function enter({ storage }: HopOptions, context: Context, emitters: readonly object[]): void {
  for (const emitter of emitters) {
    // A socket is watched alone: most of them never carry a request's context.
    if (!(EMITTER_MARK in emitter)) watchEmitters(emitter, storage)
    bindEmitter(emitter, context)
  }
  storage.enterWith(context)
}

/** `guarded`, for listeners of two arguments. */
function guardedPair<A, B>(listener: (first: A, second: B) => void): (first: A, second: B) => void {
  return (first, second) => {
    try {
      listener(first, second)
    } catch {
      // The application's listeners are called all the same.
    }
  }
}
