/**
 * Takes syslog on loopback: over TCP (syslog-frames.ts) and, on the same port, over UDP, where each datagram is a message.
 *
 * What speaks something else over TCP is disconnected; the others are heard on.
 */
import type { Socket as UdpSocket } from 'node:dgram'
import { once } from 'node:events'
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net'

import { MAX_MESSAGE_BYTES, SyslogFrames, type SyslogListener } from './syslog-frames.ts'

export interface SyslogReceiver {
  /** `127.0.0.1:port`. */
  readonly address: string
  /** Resolves when a sender has connected. */
  readonly connected: Promise<void>
  stop(): Promise<void>
}

export interface SyslogReceiverOptions extends SyslogListener {
  /** 0: any free one. */
  readonly port: number
  /** A connection was not syslog, and was closed. */
  onForeign(): void
}

const LOOPBACK = '127.0.0.1'
/** Each may hold one message that is not whole. */
const MAX_CONNECTIONS = 256
/** Tries at finding a number that is free for both. */
const MAX_TRIES = 10

/** @throws what the system says when the port cannot be listened on */
export async function startSyslogReceiver(options: SyslogReceiverOptions): Promise<SyslogReceiver> {
  for (let left = options.port === 0 ? MAX_TRIES : 1; ; left--) {
    const streams = createStreams(options)
    // oxlint-disable-next-line no-await-in-loop -- the next try depends on this one
    const port = await streams.listen(options.port)
    try {
      // oxlint-disable-next-line no-await-in-loop -- the datagrams take the port of the streams
      const datagrams = await bindDatagrams(port, options)
      return {
        address: `${LOOPBACK}:${port}`,
        connected: streams.connected,
        async stop() {
          datagrams.close()
          await streams.stop()
        },
      }
    } catch (error) {
      // oxlint-disable-next-line no-await-in-loop -- ends the try
      await streams.stop()
      if (left === 1) throw error
    }
  }
}

interface Streams {
  readonly connected: Promise<void>
  /** @returns the port */
  listen(port: number): Promise<number>
  stop(): Promise<void>
}

function createStreams(options: SyslogReceiverOptions): Streams {
  const sockets = new Set<Socket>()
  const connected = Promise.withResolvers<void>()
  const server = createServer((socket) => {
    sockets.add(socket)
    connected.resolve()
    readStream(socket, options)
    socket.once('close', () => sockets.delete(socket))
  })
  server.maxConnections = MAX_CONNECTIONS
  return {
    connected: connected.promise,
    listen: (port) => listen(server, port),
    async stop() {
      for (const socket of sockets) socket.destroy()
      const closed = once(server, 'close')
      server.close()
      await closed
    },
  }
}

async function listen(server: Server, port: number): Promise<number> {
  server.listen(port, LOOPBACK)
  await once(server, 'listening')
  // EMFILE at accept and the like: the connection is gone, the server is not.
  server.on('error', () => {})
  return (server.address() as AddressInfo).port
}

function readStream(socket: Socket, options: SyslogReceiverOptions): void {
  const frames = new SyslogFrames(options)
  socket.on('data', (chunk) => {
    if (frames.take(chunk)) return
    options.onForeign()
    socket.destroy()
  })
  socket.once('end', () => frames.end())
  socket.on('error', () => {})
}

async function bindDatagrams(port: number, options: SyslogReceiverOptions): Promise<UdpSocket> {
  const { createSocket } = await import('node:dgram')
  const socket = createSocket('udp4')
  socket.on('message', (bytes) => {
    if (bytes.length > MAX_MESSAGE_BYTES) options.onTooLong()
    else options.onMessage(bytes.toString('utf8').replace(/[\r\n\0]+$/, ''))
  })
  socket.bind(port, LOOPBACK)
  await once(socket, 'listening')
  socket.on('error', () => {})
  return socket
}
