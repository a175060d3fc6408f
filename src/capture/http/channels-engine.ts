/**
 * The default HTTP engine: Node's diagnostics channels, and what they lack (listening-servers.ts). Of node:http only leaves
 * and accessors are replaced (http-prototypes.ts), and it is not even loaded before the application does.
 */
import type { ClientRequest, IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'

import { createGlobs } from '../../model/glob.ts'
import { channelSubscriptions } from '../hop/channel-subscriptions.ts'
import type { HopOptions } from '../hop/hop-options.ts'
import { beginPlainHop } from './begin-plain-hop.ts'
import { beginServerHop } from './begin-server-hop.ts'
import { clientListeners, onClientRequest } from './client-requests.ts'
import { bindEmitter } from './emitter-context.ts'
import { HopTemplates } from './hop-template.ts'
import type { HttpEngine } from './http-engine.ts'
import { createHttpPrototypes } from './http-prototypes.ts'
import { quietContext } from './inbound-context.ts'
import { listeningServers } from './listening-servers.ts'
import { enterForTurn } from './parser-scope.ts'
import { answerWithResponse } from './response-answer.ts'
import type { ServerSettings } from './server-settings.ts'
import { parseTarget } from './request-target.ts'

interface ServerMessage {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly socket: Socket
}

export function createChannelsEngine(options: HopOptions): HttpEngine {
  let templates: { readonly made: HopTemplates | undefined } | undefined
  const settings: ServerSettings = {
    options,
    isIgnored: createGlobs(options.ignorePaths ?? []),
    isEnabled: false,
    templates: () => (templates ??= { made: HopTemplates.for(options) }).made,
  }
  const prototypes = createHttpPrototypes(options.storage)
  const subscriptions = channelSubscriptions({
    'http.server.request.start': (message: ServerMessage) => {
      prototypes.watch()
      onServerRequest(settings, message)
    },
    'http.client.request.created': ({ request }: { request: ClientRequest }) => {
      prototypes.watch()
      onClientRequest(options, request)
    },
    ...clientListeners(options),
    ...listeningServers(settings, () => prototypes.watch()),
  })
  return {
    name: 'channels',
    enable() {
      settings.isEnabled = true
      subscriptions.enable()
    },
    disable() {
      settings.isEnabled = false
      subscriptions.disable()
      prototypes.unwatch()
    },
  }
}

function onServerRequest(
  { options, isIgnored, templates }: ServerSettings,
  { request, response, socket }: ServerMessage,
): void {
  const target = parseTarget(request.url ?? '/')
  if (isIgnored(target.path)) {
    const quiet = quietContext(request.headers, options)
    bindEmitter(request, quiet)
    bindEmitter(response, quiet)
    enterForTurn(options.storage, quiet)
    return
  }
  const inbound = { request, target, socket }
  const known = templates()
  const plain = known === undefined ? undefined : beginPlainHop(known, inbound)
  const hop = plain ?? beginServerHop(options, inbound)
  answerWithResponse(hop, request, response)
  enterForTurn(options.storage, hop.context)
}
