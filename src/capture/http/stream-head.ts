/**
 * Our headers on an HTTP/2 response: put into the list that Node hands to nghttp2.
 *
 * `respond` of a stream's native handle is where `respond`, `respondWithFD`, `respondWithFile` and the compatibility API meet.
 * It is replaced once, on the handles' prototype: below it stands no JavaScript, so nobody sees a frame of ours, and
 * `getHeaders` and `sentHeaders` know nothing of what is added here.
 */
import { emitterState, ensureEmitterState } from '../../context/emitter-state.ts'
import { safely } from '../../diag/guarded.ts'
import { withoutHeader, type HeaderList } from './http2-header-list.ts'
import { DUMP_HEADER, hasCopied, ownLines, type HeadFormat } from './own-headers.ts'
import { ServerHop } from './server-hop.ts'

/** On the handles' prototype: `respond` is ours. */
const WATCHED: unique symbol = Symbol.for('org.tracelog.watched-handles')

type Respond = (list: HeaderList, options: number) => number

interface StreamHandle {
  respond: Respond
}

const STATUS = ':status\0'
const FORMAT: HeadFormat = {
  // Before it stand the flags of the header before: none, or "never index".
  has: (head, name) => ['\0', '\u0001'].some((flags) => head.includes(`${flags}${name.toLowerCase()}\0`)),
  line: (name, value) => `${name.toLowerCase()}\0${value}\0\0`,
  // Node puts it first.
  statusOf: (head) => (head.startsWith(STATUS) ? Number(head.slice(STATUS.length, STATUS.length + 3)) : 0),
}

/** Makes the response of `stream` carry our headers. A Node that keeps its handles elsewhere sends none. */
export function watchStreamHead(stream: object, hop: ServerHop): void {
  const handle = handleOf(stream)
  if (handle === undefined) return
  ensureEmitterState(handle).watcher = hop
  watchHandles(Object.getPrototypeOf(handle) as StreamHandle)
}

function handleOf(stream: object): StreamHandle | undefined {
  for (const key of Object.getOwnPropertySymbols(stream)) {
    if (key.description !== 'kHandle') continue
    const handle = (stream as Record<symbol, Partial<StreamHandle> | undefined>)[key]
    return typeof handle?.respond === 'function' ? (handle as StreamHandle) : undefined
  }
  return undefined
}

function watchHandles(prototype: StreamHandle & { [WATCHED]?: true }): void {
  if (prototype[WATCHED] === true) return
  const native = prototype.respond
  const respond = function (this: StreamHandle, list: HeaderList, options: number): number {
    const whole = safely('stream head', () => completed(this, list)) ?? list
    return Reflect.apply(native, this, [whole, options])
  }
  Object.defineProperty(prototype, 'respond', { value: respond, configurable: true, writable: true, enumerable: false })
  Object.defineProperty(prototype, WATCHED, { value: true, configurable: true })
}

function completed(handle: StreamHandle, list: HeaderList): HeaderList {
  const hop = emitterState(handle)?.watcher
  if (!(hop instanceof ServerHop) || typeof list[0] !== 'string' || typeof list[1] !== 'number' || !hop.takeHead())
    return list
  const [head, count] = hasCopied(list[0], FORMAT, hop.unit) ? withoutHeader(list, DUMP_HEADER) : list
  const own = ownLines(head, FORMAT, hop)
  return [head + own.text, count + own.count]
}
