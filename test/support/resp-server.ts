/**
 * A cache that speaks just enough of Redis' protocol (RESP2) for clients to look something up in: for machines without Redis.
 */
import { once } from 'node:events'
import { createServer, type AddressInfo, type Socket } from 'node:net'

export interface RespServer {
  readonly port: number
  close(): Promise<void>
}

/** GET, SET, MGET, DEL, EXISTS and MULTI/EXEC on one map; any other command is answered `OK`, `FAIL` is an error. */
export async function startRespServer(): Promise<RespServer> {
  const values = new Map<string, string>()
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => {})
    let rest = ''
    let queued: string[][] | undefined
    socket.setEncoding('utf8').on('data', (text: string) => {
      rest += text
      for (let command = take(); command !== undefined; command = take()) socket.write(serve(command))
    })
    const take = (): string[] | undefined => {
      const parsed = parseCommand(rest)
      if (parsed !== undefined) rest = rest.slice(parsed.length)
      return parsed?.parts
    }
    const serve = (parts: string[]): string => {
      const name = parts[0]?.toUpperCase()
      if (name === 'MULTI') queued = []
      else if (name === 'EXEC') {
        const answers = (queued ?? []).map((each) => answer(each, values))
        queued = undefined
        return `*${answers.length}\r\n${answers.join('')}`
      } else if (queued !== undefined) {
        queued.push(parts)
        return '+QUEUED\r\n'
      }
      return answer(parts, values)
    }
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    async close() {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}

/** One command at the beginning of the text, and how long it is; `undefined` while it is not whole. */
function parseCommand(text: string): { parts: string[]; length: number } | undefined {
  const head = /^\*(\d+)\r\n/.exec(text)
  if (head === null) return undefined
  let at = head[0].length
  const parts: string[] = []
  for (let left = Number(head[1]); left > 0; left -= 1) {
    const size = /^\$(\d+)\r\n/.exec(text.slice(at))
    if (size === null) return undefined
    const from = at + size[0].length
    at = from + Number(size[1]) + 2
    if (text.length < at) return undefined
    parts.push(text.slice(from, at - 2))
  }
  return { parts, length: at }
}

function answer([name = '', ...args]: string[], values: Map<string, string>): string {
  switch (name.toUpperCase()) {
    case 'GET':
      return bulk(values.get(args[0] ?? ''))
    case 'MGET':
      return `*${args.length}\r\n${args.map((key) => bulk(values.get(key))).join('')}`
    case 'EXISTS':
      return `:${args.filter((key) => values.has(key)).length}\r\n`
    case 'DEL':
      return `:${args.filter((key) => values.delete(key)).length}\r\n`
    case 'HELLO':
    case 'FAIL':
      return '-ERR unknown command\r\n'
    case 'SET':
      values.set(args[0] ?? '', args[1] ?? '')
      return '+OK\r\n'
    default:
      return '+OK\r\n'
  }
}

function bulk(value: string | undefined): string {
  return value === undefined ? '$-1\r\n' : `$${value.length}\r\n${value}\r\n`
}
