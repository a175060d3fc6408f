/**
 * The Redis protocol, as much of it as a small cache server needs: commands in, replies out.
 *
 * Source: the RESP specification of Redis, versions 2 and 3. A command is an array of bulk strings.
 */

/** What a command may be answered with; null is "no such key", a map becomes an array for RESP 2. */
export type Reply = string | number | null | Buffer | RespError | readonly Reply[] | ReadonlyMap<string, Reply>

export class RespError {
  readonly message: string
  constructor(message: string) {
    this.message = message
  }
}

/** A client that sends none within so many bytes sends no commands at all. */
const MAX_COMMAND_BYTES = 16 * 1024 * 1024

/** Cuts a stream of bytes into commands; bytes of an unfinished one wait for the next chunk. */
export class CommandReader {
  #rest: Buffer = Buffer.alloc(0)

  /** @throws when the bytes are no commands */
  read(chunk: Buffer): Buffer[][] {
    this.#rest = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk])
    const commands: Buffer[][] = []
    let from = 0
    for (;;) {
      const parsed = parseCommand(this.#rest, from)
      if (parsed === undefined) break
      commands.push(parsed.parts)
      from = parsed.end
    }
    this.#rest = this.#rest.subarray(from)
    if (this.#rest.length > MAX_COMMAND_BYTES) throw new Error('command is too long')
    return commands
  }
}

function parseCommand(bytes: Buffer, from: number): { parts: Buffer[]; end: number } | undefined {
  const head = parseLength(bytes, from, '*')
  if (head === undefined) return undefined
  const parts: Buffer[] = []
  let at = head.end
  for (let i = 0; i < head.length; i++) {
    const size = parseLength(bytes, at, '$')
    if (size === undefined || bytes.length < size.end + size.length + 2) return undefined
    parts.push(bytes.subarray(size.end, size.end + size.length))
    at = size.end + size.length + 2
  }
  return { parts, end: at }
}

function parseLength(bytes: Buffer, from: number, mark: string): { length: number; end: number } | undefined {
  if (bytes.length <= from) return undefined
  if (bytes[from] !== mark.charCodeAt(0)) throw new Error(`expected ${mark}`)
  const end = bytes.indexOf('\r\n', from)
  if (end < 0) return undefined
  const length = Number(bytes.toString('latin1', from + 1, end))
  if (!Number.isInteger(length) || length < 0) throw new Error('expected a length')
  return { length, end: end + 2 }
}

/** @param version  2 or 3, as the client asked for with HELLO */
export function writeReply(reply: Reply, version: number): Buffer {
  if (reply === null) return Buffer.from(version === 3 ? '_\r\n' : '$-1\r\n')
  if (typeof reply === 'number') return Buffer.from(`:${reply}\r\n`)
  if (typeof reply === 'string') return Buffer.from(`+${reply}\r\n`)
  if (reply instanceof RespError) return Buffer.from(`-ERR ${reply.message}\r\n`)
  if (Buffer.isBuffer(reply)) return Buffer.concat([Buffer.from(`$${reply.length}\r\n`), reply, Buffer.from('\r\n')])
  if (reply instanceof Map) return writeMap(reply, version)
  const items = reply as readonly Reply[]
  return Buffer.concat([Buffer.from(`*${items.length}\r\n`), ...items.map((item) => writeReply(item, version))])
}

function writeMap(map: ReadonlyMap<string, Reply>, version: number): Buffer {
  const flat = [...map].flatMap(([key, value]): Reply[] => [Buffer.from(key), value])
  if (version !== 3) return writeReply(flat, version)
  return Buffer.concat([Buffer.from(`%${map.size}\r\n`), ...flat.map((item) => writeReply(item, version))])
}
