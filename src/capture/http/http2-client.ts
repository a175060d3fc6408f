/**
 * Requests of node:http2's clients as hops, by three seams below which stands no code of the application:
 *
 *   cork        read by a stream's constructor, in the caller's own tick: a request begins
 *   connecting  read by `session.request()` when the stream has its headers: whom is it for?
 *   request     of the session's native handle: the headers are about to be sent, and get ours
 *
 * Between the first two the caller's context carries the request, so that Node keeps it for the third, which may come much later. Node's
 * channel `http2.client.stream.created` is no such seam: on a session that is connected it is published when the headers are sent.
 */
import { context as contextApi, ROOT_CONTEXT, type Context } from '@opentelemetry/api'
import { isTracingSuppressed } from '@opentelemetry/core'

import { emitterState, ensureEmitterState } from '../../context/emitter-state.ts'
import { guarded, safely } from '../../diag/guarded.ts'
import type { HopOptions } from '../hop/hop-options.ts'
import { unwatchEmitters, watchEmits, watchEmitters } from './emitter-context.ts'
import { Http2Call, type ClientStream } from './http2-call.ts'
import type { HeaderList } from './http2-header-list.ts'
import { findHttp2Prototypes, newestStreamOf, type HandlePrototype } from './http2-prototypes.ts'

export interface Http2ClientHook {
  /** @returns what is missing; `undefined`: it watches */
  watch(): string | undefined
  unwatch(): void
  /** This Node publishes the heads of answers. */
  hasChannels(): void
  /** The head of an answer is here. */
  answered(stream: object, headers: Readonly<Record<string, unknown>>): void
}

/** In the context of a request that is on its way to the wire. */
const CALL: unique symbol = Symbol.for('org.tracelog.http2-call')

export function createHttp2ClientHook(options: HopOptions): Http2ClientHook {
  return new Watched(options)
}

class Watched implements Http2ClientHook {
  readonly #options: HopOptions
  #undo: (() => void)[] = []
  #hasStreams = false
  #hasChannels = false
  /** Begun in this tick, and not yet known what for. */
  #newest: Http2Call | undefined
  /** The very first one: its stream was made before there was anything to see it by, so its context does not carry it. */
  #first: Http2Call | undefined

  constructor(options: HopOptions) {
    this.#options = options
  }

  watch(): string | undefined {
    const found = findHttp2Prototypes(this.#options.storage)
    if (typeof found === 'string') return found
    const onConnecting = (session: object) => this.#describe(session)
    this.#undo = [watchRead(found.session, 'connecting', onConnecting), this.#watchHandle(found.handle)]
    return undefined
  }

  unwatch(): void {
    for (const step of this.#undo.splice(0)) step()
    this.#hasStreams = false
    this.#newest = this.#first = undefined
  }

  hasChannels(): void {
    this.#hasChannels = true
  }

  answered(stream: object, headers: Readonly<Record<string, unknown>>): void {
    const call = emitterState(stream)?.client
    if (call instanceof Http2Call) call.answered(headers)
  }

  #watchStreams(prototype: object): void {
    this.#hasStreams = true
    const { storage } = this.#options
    watchEmitters(prototype, storage)
    const onCork = (stream: object) => {
      if (emitterState(stream) !== undefined) return
      this.#newest = this.#begin(stream as ClientStream)
      if (this.#newest !== undefined) storage.enterWith(this.#newest.caller.setValue(CALL, this.#newest))
    }
    this.#undo.push(() => unwatchEmitters(prototype), watchRead(prototype, 'cork', onCork))
  }

  #begin(stream: ClientStream): Http2Call | undefined {
    const caller = this.#options.storage.getStore() ?? ROOT_CONTEXT
    if (isTracingSuppressed(caller)) return undefined
    const call = new Http2Call(this.#options, stream, { caller, hasChannels: () => this.#hasChannels })
    ensureEmitterState(stream).client = call
    watchEmits(stream, call)
    return call
  }

  #describe(session: object): void {
    if (!this.#hasStreams) {
      const stream = newestStreamOf(session)
      if (stream === undefined) return
      this.#watchStreams(Object.getPrototypeOf(stream) as object)
      this.#first = this.#begin(stream as ClientStream)
      this.#first?.begin()
      return
    }
    const call = this.#newest
    if (call === undefined || call.session !== session) return
    this.#newest = undefined
    this.#options.storage.enterWith(call.caller)
    call.begin()
  }

  #watchHandle(prototype: HandlePrototype): () => void {
    const native = prototype.request
    const complete = (list: HeaderList) => this.#complete(list, contextApi.active())
    const request = function (this: HandlePrototype, list: HeaderList, ...rest: readonly unknown[]): unknown {
      const whole = safely('http2 request', complete, list) ?? list
      return Reflect.apply(native, this, [whole, ...rest])
    }
    prototype.request = request
    return () => {
      if (prototype.request === request) prototype.request = native
    }
  }

  #complete(list: HeaderList, context: Context): HeaderList {
    const carried = context.getValue(CALL)
    const call = carried instanceof Http2Call ? carried : this.#first
    if (call === this.#first) this.#first = undefined
    return call?.sent(list) ?? list
  }
}

/** Hears that a property is read, which is further up. */
function watchRead(prototype: object, name: string, onRead: (of: object) => void): () => void {
  const above = Object.getPrototypeOf(prototype) as object
  const tell = guarded('http2', onRead)
  Object.defineProperty(prototype, name, {
    configurable: true,
    get(this: object) {
      tell(this)
      return Reflect.get(above, name, this) as unknown
    },
    set(this: object, value: unknown) {
      Object.defineProperty(this, name, { value, configurable: true, enumerable: true, writable: true })
    },
  })
  return () => void Reflect.deleteProperty(prototype, name)
}
