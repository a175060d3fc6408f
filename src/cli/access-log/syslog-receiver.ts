/**
 * Takes syslog over TCP with octet counting (RFC 6587), as HAProxy's ring sends it: which messages have arrived whole?
 *
 * Each is `<length> <bytes>`. What does not begin with a length is nobody's syslog: the connection is closed.
 */
import { once } from 'node:events'
import { createServer, type AddressInfo, type Socket } from 'node:net'

export interface SyslogReceiver {
  /** `127.0.0.1:port`. */
  readonly address: string
  /** Resolves when a sender has connected. */
  readonly connected: Promise<void>
  stop(): Promise<void>
}

/** Longest message. Bytes; HAProxy's configuration says 16 KiB. */
const MAX_MESSAGE_BYTES = 65_536

/** @param onMessage  hears each message, its syslog head included */
export async function startSyslogReceiver(onMessage: (message: string) => void): Promise<SyslogReceiver> {
  const sockets = new Set<Socket>()
  const connected = Promise.withResolvers<void>()
  const server = createServer((socket) => {
    sockets.add(socket)
    connected.resolve()
    const frames = createFrameReader(onMessage)
    socket.on('data', (chunk) => {
      if (!frames(chunk)) socket.destroy()
    })
    socket.on('error', () => {})
    socket.once('close', () => sockets.delete(socket))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    connected: connected.promise,
    async stop() {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}

/** @returns takes a chunk; false when it is no octet counting */
export function createFrameReader(onMessage: (message: string) => void): (chunk: Uint8Array) => boolean {
  let rest = Buffer.alloc(0)
  return (chunk) => {
    rest = Buffer.concat([rest, chunk])
    for (;;) {
      const head = /^(\d{1,6}) /.exec(rest.toString('latin1', 0, 8))
      if (head === null) return rest.length < 8 && /^\d*$/.test(rest.toString('latin1'))
      const start = head[0].length
      const length = Number(head[1])
      if (length > MAX_MESSAGE_BYTES) return false
      if (rest.length < start + length) return true
      onMessage(rest.toString('utf8', start, start + length))
      rest = rest.subarray(start + length)
    }
  }
}
