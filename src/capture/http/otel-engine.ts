/**
 * The reference HTTP engine: `@opentelemetry/instrumentation-http` makes spans and contexts, we make hops of them.
 *
 * It is loaded on demand and given its modules by us (no loader hook). Differences from the default engine, each by its nature: its frames stand
 * in the application's stacks; upgrades make no hop; HTTP/2 it does not know, which is as in the default engine; baggage that the application sets is not told apart from ours;
 * a socket in the file system has the port 80.
 */
import type * as Http from 'node:http'
import type * as Https from 'node:https'
import { createRequire, syncBuiltinESMExports } from 'node:module'

import {
  context as contextApi,
  SpanKind,
  trace,
  type Context,
  type Tracer,
  type TracerProvider,
} from '@opentelemetry/api'
import type * as Reference from '@opentelemetry/instrumentation-http'

import { monotonicMillis } from '../../diag/clock.ts'
import { BAGGAGE } from '../../context/propagation.ts'
import { unitOf } from '../../context/request-unit.ts'
import { createGlobs } from '../../model/glob.ts'
import { ATTR_CLIENT_ADDRESS } from '../../model/semconv.ts'
import { channelSubscriptions } from '../hop/channel-subscriptions.ts'
import { clientListeners, onClientRequest } from './client-requests.ts'
import { bindEmitter } from './emitter-context.ts'
import { QUIET, type HopOptions } from '../hop/hop-options.ts'
import type { HttpEngine } from './http-engine.ts'
import { listeningHttp2Servers } from './listening-servers.ts'
import { meantHost } from './outgoing-destination.ts'
import { createHttpPrototypes } from './http-prototypes.ts'
import { watchServerEmit } from './otel-server-emit.ts'
import { answerWithResponse } from './response-answer.ts'
import { plainAddress, serverAttributes } from './server-attributes.ts'
import { hopOf } from './begin-server-hop.ts'
import { dropOwnMember, quietContext } from './inbound-context.ts'
import { grantOf } from './kept-grant.ts'
import { parseTarget } from './request-target.ts'
import type { ServerSettings } from './server-settings.ts'

export interface OtelEngineOptions {
  readonly tracerProvider: TracerProvider
  /** File of the bundle that holds `@opentelemetry/instrumentation-http`; read when the engine is switched on. */
  readonly referencePath: string
}

export function createOtelEngine(options: HopOptions, reference: OtelEngineOptions): HttpEngine {
  const isIgnored = createGlobs(options.ignorePaths ?? [])
  const isQuiet = (request: { url?: string | undefined }) => isIgnored(parseTarget(request.url ?? '/').path)
  const prototypes = createHttpPrototypes(options.storage)
  const http2: ServerSettings = { options, isIgnored, isEnabled: false, templates: () => undefined }
  const subscriptions = channelSubscriptions({
    'http.client.request.created': ({ request }: { request: Http.ClientRequest }) => {
      repairArrayHeaders(request)
      if (!options.trustedPeers.isTrusted(meantHost(request))) request.removeHeader(BAGGAGE)
      onClientRequest(options, request, trace.getActiveSpan())
    },
    ...clientListeners(options),
    ...listeningHttp2Servers(http2),
  })
  let undo: (() => void) | undefined
  return {
    name: 'otel',
    enable() {
      if (undo !== undefined) return
      prototypes.watch()
      const unpatch = patchModules(options, { ...reference, isQuiet })
      subscriptions.enable()
      http2.isEnabled = true
      undo = () => {
        http2.isEnabled = false
        subscriptions.disable()
        unpatch()
        prototypes.unwatch()
      }
    },
    disable() {
      undo?.()
      undo = undefined
    },
  }
}

interface PatchOptions extends OtelEngineOptions {
  readonly isQuiet: (request: { url?: string | undefined }) => boolean
}

function patchModules(options: HopOptions, { tracerProvider, referencePath, isQuiet }: PatchOptions): () => void {
  const http = process.getBuiltinModule('node:http')
  const https = process.getBuiltinModule('node:https')
  const peer = { isTrusted: false }
  const { HttpInstrumentation } = createRequire(import.meta.url)(referencePath) as typeof Reference
  const instrumentation = new HttpInstrumentation({
    enabled: false,
    ignoreIncomingRequestHook: isQuiet,
    // Called right before the span is started, of which the peer cannot be told.
    startIncomingSpanHook: ({ socket }) => {
      peer.isTrusted = options.trustedPeers.isTrusted(plainAddress(socket.remoteAddress))
      return {}
    },
    ignoreOutgoingRequestHook: () => contextApi.active().getValue(QUIET) === true,
  })
  instrumentation.setTracerProvider(withoutUntrustedMember(tracerProvider, peer))
  const emits = [http, https].map((module) => watchServerEmit(module.Server.prototype))
  const restoreBelow = emits.map((emit) =>
    emit.below((request, response) => adopt(options, { request, response, isQuiet })),
  )
  const modules: Readonly<Record<string, typeof Http | typeof Https>> = { http, https }
  const definitions = instrumentation['getModuleDefinitions']()
  for (const { name, patch } of definitions) patch?.(modules[name])
  const restoreAbove = emits.map((emit) => emit.above())
  syncBuiltinESMExports()
  return () => {
    for (const restore of restoreAbove) restore()
    for (const { name, unpatch } of definitions) unpatch?.(modules[name])
    for (const restore of restoreBelow) restore()
    syncBuiltinESMExports()
  }
}

/** A provider whose SERVER spans continue the caller's trace without our own tracestate member, unless the peer is trusted. */
function withoutUntrustedMember(provider: TracerProvider, peer: { readonly isTrusted: boolean }): TracerProvider {
  return {
    getTracer(...scope) {
      const tracer = provider.getTracer(...scope)
      const startSpan: Tracer['startSpan'] = (name, spanOptions, context = contextApi.active()) => {
        const isUntrusted = spanOptions?.kind === SpanKind.SERVER && !peer.isTrusted
        return tracer.startSpan(name, spanOptions, isUntrusted ? dropOwnMember(context) : context)
      }
      return { startSpan, startActiveSpan: tracer.startActiveSpan.bind(tracer) }
    },
  }
}

interface Exchange {
  readonly request: Http.IncomingMessage
  readonly response: Http.ServerResponse
  readonly isQuiet: PatchOptions['isQuiet']
}

/** Makes a hop of the SERVER span that is active. @returns the context of the request */
function adopt(options: HopOptions, { request, response, isQuiet }: Exchange): Context {
  const isIgnored = isQuiet(request)
  const active = isIgnored ? quietContext(request.headers, options) : contextApi.active()
  bindEmitter(request, active)
  bindEmitter(response, active)
  const span = isIgnored ? undefined : trace.getSpan(active)
  // https.Server inherits from http.Server in spirit only; a request that is a hop already stays one.
  if (span === undefined || unitOf(active) !== undefined) return active
  const target = parseTarget(request.url ?? '/')
  const attributes = serverAttributes(request, target, request.socket)
  span.setAttributes(attributes)
  const hop = hopOf(options, {
    span,
    caller: active,
    method: request.method ?? 'GET',
    target,
    startedMillis: monotonicMillis(),
    isPeerTrusted: options.trustedPeers.isTrusted(plainAddress(request.socket.remoteAddress)),
    client: attributes[ATTR_CLIENT_ADDRESS],
    grant: grantOf(request.headers, options),
  })
  // Their listener of `close` ends the span; our look at the response comes before all listeners.
  answerWithResponse(hop, request, response)
  return hop.context
}

/** It copies `headers: ['host', 'x']` into `{0: 'host', 1: 'x'}`; put back what was meant. */
function repairArrayHeaders(request: Http.ClientRequest): void {
  if (!request.hasHeader('0')) return
  const flat: string[] = []
  for (let at = 0; request.hasHeader(String(at)); at += 1) {
    const value = request.getHeader(String(at))
    // Node's other array form is a list of pairs.
    if (Array.isArray(value)) flat.push(...value)
    else flat.push(String(value))
    request.removeHeader(String(at))
  }
  const seen = new Set<string>()
  for (let at = 0; at + 1 < flat.length; at += 2) {
    const [name = '', value = ''] = flat.slice(at, at + 2)
    if (seen.has(name.toLowerCase())) request.appendHeader(name, value)
    else request.setHeader(name, value)
    seen.add(name.toLowerCase())
  }
}
