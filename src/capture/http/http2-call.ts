/**
 * One request of a node:http2 client: when it is a hop, how it is answered, and how it ends.
 *
 * No hop of their own have requests that somebody else tells of: those of grpc-js (capture/grpc/) and of undici (fetch.ts).
 */
import type { EventEmitter } from 'node:events'

import { propagation, trace, type Context } from '@opentelemetry/api'

import type { EmitWatcher } from '../../context/emitter-state.ts'
import { DESTINATION } from '../../context/propagation.ts'
import { listenUnseen } from '../../diag/own-listeners.ts'
import { soon } from '../../diag/timers.ts'
import { readField } from '../../model/js-object.ts'
import { codeOf } from '../hop/error-type.ts'
import { QUIET, type HopOptions } from '../hop/hop-options.ts'
import { ClientHop } from './client-hop.ts'
import { bindEmitter } from './emitter-context.ts'
import { HEADER_LIST_EDIT, HEADER_LIST_SETTER, HeaderListEdit, type HeaderList } from './http2-header-list.ts'
import { sendGrant } from './kept-grant.ts'
import { defaultPort, withoutBrackets, type OutgoingRequest } from './outgoing-request.ts'
import { DUMP_HEADER } from './own-headers.ts'
import { splitHostPort, type PeerSocket } from './server-attributes.ts'

type Headers = Readonly<Record<string, unknown>>

/** What of a ClientHttp2Stream is read. */
export interface ClientStream extends EventEmitter {
  readonly session?: { readonly socket?: PeerSocket } & object
  readonly sentHeaders?: Headers
  readonly rstCode?: number
  readonly errored: unknown
  readonly readableFlowing: boolean | null
  readonly readableDidRead: boolean
  readonly readableEnded: boolean
  /** Node sets `closeEmitted` right before it emits `close`. */
  readonly _writableState?: { readonly closeEmitted?: boolean }
}

interface Made {
  readonly caller: Context
  /** Whether the heads of answers are published. Asked when the first request is on its way. */
  readonly hasChannels: () => boolean
}

/** What Node says of a stream whose session is gone; its cause says why. */
const CANCELLED = 'ERR_HTTP2_STREAM_CANCEL'
/** RFC 9113, section 7. */
const CANCEL = 8

export class Http2Call implements EmitWatcher {
  readonly caller: Context
  readonly #options: HopOptions
  readonly #stream: ClientStream
  readonly #made: Made
  #hop: ClientHop | undefined
  #host = ''
  #hasBegun = false
  #isForeign = false
  #isSent = false
  #isAnswered = false

  constructor(options: HopOptions, stream: ClientStream, made: Made) {
    this.#options = options
    this.#stream = stream
    this.#made = made
    this.caller = made.caller
  }

  /** `undefined` while the stream is constructed, and when it is gone. */
  get session(): object | undefined {
    return this.#stream.session
  }

  /** The stream has its headers. */
  begin(): void {
    if (this.#hasBegun) return
    this.#hasBegun = true
    const stream = this.#stream
    const headers = stream.sentHeaders ?? {}
    this.#isForeign = isTold(headers, this.session)
    if (this.#isForeign) return
    const outgoing = outgoingOf(headers)
    this.#host = outgoing.host
    if (this.caller.getValue(QUIET) === true) return
    bindEmitter(stream, this.caller)
    this.#hop = new ClientHop(this.#options, outgoing, this.caller)
    if (this.#made.hasChannels()) return
    soon(() => {
      if (!this.#made.hasChannels()) listenUnseen(stream, 'response', (head: Headers) => this.answered(head))
    })
  }

  /** @returns the headers as they are to be sent; the application's own object is as it was */
  sent(list: HeaderList): HeaderList {
    if (this.#isForeign || this.#isSent || !this.#hasBegun) return list
    this.#isSent = true
    const { propagator } = this.#options
    const context = this.#hop?.context ?? this.caller
    const edit = new HeaderListEdit(list)
    sendGrant(this.#options, this.caller, { carrier: edit, edit: HEADER_LIST_EDIT, host: this.#host })
    if (propagator.mayPropagateTo(this.#host) && trace.getSpanContext(context) !== undefined) {
      for (const name of propagator.staleFields) edit.remove(name)
    }
    propagation.inject(context.setValue(DESTINATION, this.#host), edit, HEADER_LIST_SETTER)
    return edit.list()
  }

  answered(headers: Headers): void {
    const hop = this.#hop
    if (hop === undefined || this.#isAnswered) return
    this.#isAnswered = true
    const { session } = this.#stream
    if (session?.socket !== undefined) hop.connectedTo(session.socket)
    hop.answered(Number(headers[':status']) || 0, {
      protocolVersion: '2',
      cacheStatus: textOf(headers['cache-status']),
      dump: textOf(headers[DUMP_HEADER]),
      body: { isUnread: () => isUnread(this.#stream) },
    })
  }

  onEmit(): boolean {
    if (this.#stream._writableState?.closeEmitted !== true) return true
    // Refused before it was looked at: by a session that is closed.
    this.begin()
    this.#end()
    return false
  }

  #end(): void {
    const hop = this.#hop
    if (hop === undefined) return
    const { errored, rstCode = 0 } = this.#stream
    if (errored !== null && errored !== undefined) hop.failed(reasonOf(errored))
    else if (this.#isAnswered && (rstCode === 0 || rstCode === CANCEL)) hop.ended()
    else hop.failed(rstCode === 0 || rstCode === CANCEL ? GIVEN_UP : BROKEN)
  }
}

/** By the application or by the server, before there was an answer. */
const GIVEN_UP = { code: CANCELLED, message: 'The stream was closed before there was an answer' }
const BROKEN = { code: 'ERR_HTTP2_STREAM_ERROR', message: 'The stream was closed with an error code' }

const textOf = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined)

function reasonOf(errored: unknown): unknown {
  const cause = codeOf(errored) === CANCELLED ? readField(errored, 'cause') : undefined
  return codeOf(cause) === undefined ? errored : cause
}

function isUnread({ readableFlowing, readableDidRead, readableEnded }: ClientStream): boolean {
  return readableFlowing === null && !readableDidRead && !readableEnded
}

function isTold(headers: Headers, session: object | undefined): boolean {
  const agent = headers['user-agent']
  if (typeof agent === 'string' && agent.includes('grpc-node-js/')) return true
  return session !== undefined && isUndici(session)
}

/** undici counts its streams on its sessions. */
const UNDICI_COUNT = 'open streams'
const undiciSessions = new WeakMap<object, boolean>()

function isUndici(session: object): boolean {
  let isIt = undiciSessions.get(session)
  if (isIt === undefined) {
    isIt = Object.getOwnPropertySymbols(session).some(({ description }) => description === UNDICI_COUNT)
    undiciSessions.set(session, isIt)
  }
  return isIt
}

function outgoingOf(headers: Headers): OutgoingRequest {
  const text = (name: string) => {
    const value = headers[name]
    return typeof value === 'string' ? value : ''
  }
  const protocol = `${text(':scheme') || 'https'}:`
  const { address, port } = splitHostPort(text(':authority') || text('host'))
  return {
    method: text(':method') || 'GET',
    protocol,
    host: withoutBrackets(address),
    port: port ?? defaultPort(protocol),
    target: text(':path'),
  }
}
