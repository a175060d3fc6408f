/**
 * A small cache that speaks the Redis protocol over an LRU map: stands in where no redis-server is installed.
 *
 * An ordinary program: it knows nothing of tracelog. PORT: where it listens (0: any free port).
 */
import { createServer, type AddressInfo, type Socket } from 'node:net'

import { LRUCache } from 'lru-cache'

import { CommandReader, RespError, writeReply, type Reply } from './resp.ts'

/** Keys kept; the least recently used goes first. */
const MAX_KEYS = 10_000
const cache = new LRUCache<string, Buffer>({ max: MAX_KEYS })

type CommandHandler = (args: readonly Buffer[], client: Client) => Reply

interface Client {
  respVersion: number
}

const COMMANDS: Readonly<Record<string, CommandHandler>> = {
  PING: ([text]) => text ?? 'PONG',
  HELLO: hello,
  CLIENT: () => 'OK',
  SELECT: () => 'OK',
  AUTH: () => 'OK',
  QUIT: () => 'OK',
  GET: ([key]) => cache.get(String(key)) ?? null,
  SET: set,
  DEL: (keys) => keys.filter((key) => cache.delete(String(key))).length,
  EXISTS: (keys) => keys.filter((key) => cache.has(String(key))).length,
  TTL: ([key]) => (cache.has(String(key)) ? Math.ceil(cache.getRemainingTTL(String(key)) / 1_000) : -2),
  DBSIZE: () => cache.size,
}

function hello([version]: readonly Buffer[], client: Client): Reply {
  if (version !== undefined) client.respVersion = Number(version)
  return new Map<string, Reply>([
    ['server', Buffer.from('redis')],
    ['version', Buffer.from('7.0.0')],
    ['proto', client.respVersion],
    ['mode', Buffer.from('standalone')],
    ['role', Buffer.from('master')],
  ])
}

function set([key, value, ...options]: readonly Buffer[]): Reply {
  if (key === undefined || value === undefined) return new RespError("wrong number of arguments for 'set' command")
  const words = options.map((option) => String(option).toUpperCase())
  const millis = words.includes('EX')
    ? Number(words[words.indexOf('EX') + 1]) * 1_000
    : words.includes('PX')
      ? Number(words[words.indexOf('PX') + 1])
      : 0
  // A copy: the bytes belong to the chunk that the socket read.
  cache.set(String(key), Buffer.from(value), { ttl: millis })
  return 'OK'
}

function answer([name, ...args]: readonly Buffer[], client: Client): Reply {
  const handler = COMMANDS[String(name).toUpperCase()]
  return handler === undefined ? new RespError(`unknown command '${String(name)}'`) : handler(args, client)
}

function serve(socket: Socket): void {
  const reader = new CommandReader()
  const client: Client = { respVersion: 2 }
  socket.on('error', () => socket.destroy())
  socket.on('data', (chunk: Buffer) => {
    try {
      for (const command of reader.read(chunk)) socket.write(writeReply(answer(command, client), client.respVersion))
    } catch (error) {
      socket.end(writeReply(new RespError((error as Error).message), client.respVersion))
    }
  })
}

const sockets = new Set<Socket>()
const server = createServer((socket) => {
  sockets.add(socket)
  socket.on('close', () => sockets.delete(socket))
  serve(socket)
})

server.listen(Number(process.env['PORT'] ?? 6379), '127.0.0.1', () => {
  console.log(JSON.stringify({ message: 'cache listens', port: (server.address() as AddressInfo).port }))
})

process.once('SIGTERM', () => {
  server.close()
  for (const socket of sockets) socket.end()
})
