/**
 * The default HTTP engine: Node's diagnostics channels, and what they lack. Nothing of node:http is replaced but accessors
 * (emitter-context.ts, response-headers.ts), and node:http is not even loaded before the application does.
 */
import { channel } from 'node:diagnostics_channel'
import type { ClientRequest, IncomingMessage, Server, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'

import { guarded } from '../../diag/guarded.ts'
import { createGlobs } from '../../model/glob.ts'
import { markInbound } from '../proxy.ts'
import { clientSubscribers, onClientRequest } from './client-requests.ts'
import { bindEmitter } from './emitter-context.ts'
import type { HopOptions } from '../hop/hop-options.ts'
import type { HttpEngine } from './http-engine.ts'
import { createHttpPrototypes } from './http-prototypes.ts'
import { addResponseHeaders } from './response-headers.ts'
import { beginServerHop, quietContext, ResponseAnswer } from './server-hop.ts'
import { parseTarget } from './url-query.ts'
import { createListeningServers } from './listening-servers.ts'

interface ServerMessage {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly socket: Socket
  readonly server: Server
}
export function createChannelsEngine(options: HopOptions): HttpEngine {
  const isIgnored = createGlobs(options.ignorePaths ?? [])
  const prototypes = createHttpPrototypes(options.storage)
  const handlers: readonly (readonly [string, (message: unknown) => void])[] = [
    [
      'http.server.request.start',
      guarded('http.server.request.start', (message: ServerMessage) => {
        prototypes.watch()
        onServerRequest(options, message, isIgnored)
      }),
    ],
    [
      'http.client.request.created',
      guarded('http.client.request.created', ({ request }: { request: ClientRequest }) => {
        prototypes.watch()
        onClientRequest(options, request)
      }),
    ],
    ...clientSubscribers(options),
  ]
  const listening = createListeningServers(options, isIgnored, () => prototypes.watch())
  let isEnabled = false
  return {
    name: 'channels',
    enable() {
      if (isEnabled) return
      isEnabled = true
      for (const [name, handler] of handlers) channel(name).subscribe(handler)
      listening.enable()
    },
    disable() {
      if (!isEnabled) return
      isEnabled = false
      for (const [name, handler] of handlers) channel(name).unsubscribe(handler)
      listening.disable()
      prototypes.unwatch()
    },
  }
}

function onServerRequest(
  options: HopOptions,
  { request, response, socket }: ServerMessage,
  isIgnored: (path: string) => boolean,
): void {
  const target = parseTarget(request.url ?? '/')
  if (isIgnored(target.path)) {
    const quiet = quietContext(request.headers)
    bindEmitter(request, quiet)
    bindEmitter(response, quiet)
    options.storage.enterWith(quiet)
    return
  }
  const hop = beginServerHop(options, { request, target, socket })
  markInbound(request, hop.unit, response)
  bindEmitter(request, hop.context)
  bindEmitter(response, hop.context)
  addResponseHeaders(response, hop.unit, options)
  hop.track(new ResponseAnswer(response))
  response.once('close', () => hop.finishNow())
  options.storage.enterWith(hop.context)
}
