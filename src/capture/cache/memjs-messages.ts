/**
 * What memjs's requests and answers say: Memcached's binary protocol, its header of 24 bytes.
 *
 *   1 opcode | 6..7 status, of an answer | 12..15 number of the request, the same in its answer
 */
export interface MemjsServer {
  readonly host: string
  readonly port: number
  /** Failed before, and not asked until then. Milliseconds since 1970. */
  readonly wakeupAt?: number
  /** Begins with the message that is answered now. */
  readonly responseBuffer: Buffer
  readonly _socket?: { readonly errored?: unknown }
}

export interface MemjsCommand {
  readonly name: string
  /** A status that memjs gives as an answer: not found, or there already. Default: all but 0 are errors. */
  readonly notDone?: number
}

/** Where in a message. */
export const MESSAGE = { opcode: 1, status: 6, seq: 12, length: 24 } as const

const NOT_FOUND = 1
const EXISTS = 2
const NOT_AUTHENTICATED = 0x20

/** `prepend` has the opcode of `append` in memjs. */
const COMMANDS: ReadonlyMap<number, MemjsCommand> = new Map([
  [0x00, { name: 'get', notDone: NOT_FOUND }],
  [0x01, { name: 'set' }],
  [0x02, { name: 'add', notDone: EXISTS }],
  [0x03, { name: 'replace', notDone: NOT_FOUND }],
  [0x04, { name: 'delete', notDone: NOT_FOUND }],
  [0x05, { name: 'increment' }],
  [0x06, { name: 'decrement' }],
  [0x0e, { name: 'append', notDone: NOT_FOUND }],
  [0x1c, { name: 'touch', notDone: NOT_FOUND }],
])

/** @returns `undefined`: no request, or none that is heard */
export function memjsCommand(request: unknown): MemjsCommand | undefined {
  if (!Buffer.isBuffer(request) || request.length < MESSAGE.length) return undefined
  return COMMANDS.get(request[MESSAGE.opcode]!)
}

/** An answer that memjs gives its caller as an error. */
export function refusalOf(status: number): object {
  const code = `0x${status.toString(16).padStart(4, '0')}`
  return { code, message: `memcached answered with status ${code}` }
}

/** Why the connection is lost: its socket knows, unless memjs gave it up or has let go of it already (1.3.0). */
export function lossOf({ _socket, responseBuffer }: MemjsServer): unknown {
  if (_socket?.errored) return _socket.errored
  if (responseBuffer.length >= MESSAGE.length && responseBuffer.readUInt16BE(MESSAGE.status) === NOT_AUTHENTICATED)
    return { name: 'Error', message: 'Memcached server authentication failed!' }
  return { name: 'Error', message: 'connection lost, or no answer in time' }
}
