/**
 * Clients of @grpc/grpc-js (1.8 and later) as hops, by two accessors on the prototype of the object that is one call.
 *
 * `metadata` is assigned once, in the caller's own tick, with a copy of what the caller gave: there the hop begins and the trace is
 * put on the wire. `listener` is read just before a message or the status is handed on: there the caller's context is entered, for
 * the connection that brings it may have been made for another call. Its servers are heard by node:http2 (http/http2-streams.ts).
 */
import { context as contextApi, propagation, trace, type Context, type TextMapSetter } from '@opentelemetry/api'
import { isTracingSuppressed } from '@opentelemetry/core'

import { mergeBaggage } from '../../context/baggage.ts'
import { BAGGAGE, DESTINATION } from '../../context/propagation.ts'
import { guarded } from '../../diag/guarded.ts'
import { grpcMethodOf } from '../../model/grpc-call.ts'
import { QUIET, type HopOptions } from '../hop/hop-options.ts'
import { sendGrant, type HeaderEdit } from '../http/kept-grant.ts'
import type { LibraryHook } from '../library-instrumentation.ts'
import type { PackageFile } from '../package-files.ts'
import { GrpcClientHop } from './grpc-client-hop.ts'
import { grpcServerOf } from './grpc-target.ts'

/** What of grpc-js's Metadata is used. */
interface Metadata {
  get(key: string): readonly unknown[]
  set(key: string, value: string): void
  remove(key: string): void
}

interface CallStatus {
  readonly code: number
  readonly details: string
}

/** What of a ResolvingCall is used: one call as its client sees it, above retries and connections. */
interface Call {
  readonly method: string
  readonly channel: { getTarget(): string }
  /** The call on a connection; `null` before there is one. */
  readonly child?: object | null
  readonly ended?: boolean
  addStatusWatcher(watcher: (status: CallStatus) => void): void
  metadata: Metadata | null
  listener: object | null
  [STATE]?: CallState
}

interface CallState {
  readonly caller: Context
  listener: object | null
}

/** On a call that has begun: in which context its callbacks run, and its listener, for which an accessor stands. */
const STATE: unique symbol = Symbol.for('org.tracelog.grpc-call')

/** Who tells of telemetry by gRPC is no hop of the application. */
const TELEMETRY_PATH = '/opentelemetry.proto.'

export interface GrpcFile extends PackageFile {
  /** What every version has: it says that the library is there, also where it has no calls that can be hooked. */
  readonly isMain?: true
}

/** Opened when the first of the files is loaded: that of the calls, which the main file loads. */
export function createGrpcHook(options: HopOptions): LibraryHook<GrpcFile> {
  const folders = new Set<string>()
  return {
    onFile({ file, path, exports }) {
      const folder = path.slice(0, Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')))
      if (file.isMain === true) {
        if (folders.has(folder)) return undefined
        throw new Error('it has no resolving-call.js (versions from 1.8 have)')
      }
      folders.add(folder)
      return watchCalls((exports as { ResolvingCall?: { prototype: Call } }).ResolvingCall?.prototype, options)
    },
  }
}

function watchCalls(prototype: Call | undefined, options: HopOptions): () => void {
  if (typeof prototype?.addStatusWatcher !== 'function') throw new Error('its calls have no status watchers')
  let isEnabled = true
  const begin = guarded('grpc', (call: Call, metadata: Metadata) => {
    if (isEnabled) beginCall(options, call, metadata)
  })
  const enter = guarded('grpc', ({ caller }: CallState) => {
    if (options.storage.getStore() !== caller) options.storage.enterWith(caller)
  })
  Object.defineProperty(prototype, 'metadata', {
    configurable: true,
    // Before it is assigned: what the constructor says.
    get: () => null,
    set(this: Call, value: Metadata | null) {
      if (value === null) return
      keep(this, 'metadata', value)
      begin(this, value)
    },
  })
  Object.defineProperty(prototype, 'listener', {
    configurable: true,
    get(this: Call) {
      const state = this[STATE]
      if (state === undefined) return null
      // Before there is a connection it is looked at in somebody else's turn, and nothing is handed on.
      if (isEnabled && (this.ended === true || (this.child ?? null) !== null)) enter(state)
      return state.listener
    },
    set(this: Call, value: object | null) {
      const state = this[STATE]
      if (state !== undefined) state.listener = value
      else if (value !== null) keep(this, 'listener', value)
    },
  })
  return () => {
    // The accessors stay for the calls that are under way; they do nothing for others.
    isEnabled = false
  }
}

function keep(call: Call, name: 'metadata' | 'listener', value: object): void {
  Object.defineProperty(call, name, { value, writable: true, enumerable: true, configurable: true })
}

function beginCall(options: HopOptions, call: Call, metadata: Metadata): void {
  const caller = contextApi.active()
  if (isTracingSuppressed(caller) || call.method.startsWith(TELEMETRY_PATH)) return
  const called = grpcMethodOf(call.method)
  const server = grpcServerOf(call.channel.getTarget())
  Object.defineProperty(call, STATE, { value: { caller, listener: null }, configurable: true })
  sendGrant(options, caller, { carrier: metadata, edit: EDIT, host: server.host })
  if (called === undefined || caller.getValue(QUIET) === true) {
    inject(options, metadata, caller, server.host)
    return
  }
  const hop = new GrpcClientHop(options, { called, server }, caller)
  inject(options, metadata, hop.context, server.host)
  call.addStatusWatcher(guarded('grpc', ({ code, details }: CallStatus) => hop.ended(code, details)))
}

const SETTER: TextMapSetter<Metadata> = {
  set(metadata, key, value) {
    const present = key === BAGGAGE ? metadata.get(BAGGAGE).join(',') : ''
    metadata.set(key, present === '' ? value : mergeBaggage(value, present))
  },
}

const EDIT: HeaderEdit<Metadata> = {
  values: (metadata, name) => metadata.get(name),
  remove: (metadata, name) => metadata.remove(name),
  set: (metadata, name, value) => metadata.set(name, value),
}

/** `metadata` is the call's own copy: what the application gave is as it was. */
function inject({ propagator }: HopOptions, metadata: Metadata, context: Context, host: string): void {
  if (propagator.mayPropagateTo(host) && trace.getSpanContext(context) !== undefined) {
    for (const name of propagator.staleFields) metadata.remove(name)
  }
  propagation.inject(context.setValue(DESTINATION, host), metadata, SETTER)
}
