/**
 * Our headers on an HTTP/1 response: put into the finished text of the head, right before it goes to the socket.
 *
 * `_send` is the one way out for a head, and Node keeps the head's text in `_header` until then. It is an accessor on
 * ServerResponse.prototype: reading it completes the text and hands back the original, so that no function of ours stands
 * in a stack that the application prints. What the application set, and in which form, makes no difference to it.
 */
import type { ServerResponse } from 'node:http'

import { emitterState } from '../../context/emitter-state.ts'
import { safely } from '../../diag/guarded.ts'
import { hasCopied, ownLines, type HeadFormat } from './own-headers.ts'
import { ServerHop } from './server-hop.ts'

/** What of Node's OutgoingMessage is touched. */
interface SendingResponse {
  _header: string | null
  readonly _headerSent: boolean
}

const FORMAT: HeadFormat = {
  has: (head, name) => head.toLowerCase().includes(`\r\n${name.toLowerCase()}:`),
  line: (name, value) => `${name}: ${value}\r\n`,
  // After the protocol's name: `HTTP/1.1 200 OK`.
  statusOf: (head) => digitAt(head, 9) * 100 + digitAt(head, 10) * 10 + digitAt(head, 11),
}

const digitAt = (head: string, at: number): number => head.charCodeAt(at) - 0x30

/** Of the header that proxies must not copy (own-headers.ts). */
const COPIED = /\r\ntracelog-dump:[^\r\n]*/gi

/** Hooks `_send`. A Node that has none sends heads without our headers. */
export function watchResponseHeads(prototype: ServerResponse): void {
  const parent = Object.getPrototypeOf(prototype) as { readonly _send?: unknown }
  if (typeof parent._send !== 'function' || Object.hasOwn(prototype, '_send')) return
  Object.defineProperty(prototype, '_send', {
    configurable: true,
    get(this: SendingResponse) {
      if (!this._headerSent) safely('response head', complete, this)
      return parent._send
    },
    set(this: object, value: unknown) {
      Object.defineProperty(this, '_send', { value, configurable: true, enumerable: true, writable: true })
    },
  })
}

/** Undoes `watchResponseHeads`. */
export function unwatchResponseHeads(prototype: ServerResponse): void {
  Reflect.deleteProperty(prototype, '_send')
}

function complete(response: SendingResponse): void {
  const hop = emitterState(response)?.watcher
  const head = response._header
  if (!(hop instanceof ServerHop) || typeof head !== 'string' || !head.endsWith('\r\n\r\n') || !hop.takeHead()) return
  const own = hasCopied(head, FORMAT, hop.unit) ? head.replace(COPIED, '') : head
  response._header = `${own.slice(0, -2)}${ownLines(own, FORMAT, hop).text}\r\n`
}
