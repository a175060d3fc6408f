/**
 * HTTP by hand over one socket: what no client library does, such as pipelining, slow bodies and going away.
 */
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'

export interface RawConnection {
  readonly socket: Socket
  send(text: string): void
  /** Resolves when all that was received holds `text` so often. */
  received(text: string, times?: number): Promise<string>
  close(): Promise<void>
}

export async function openRaw(port: number): Promise<RawConnection> {
  const socket = connect(port, '127.0.0.1')
  await once(socket, 'connect')
  let all = ''
  socket.setEncoding('utf8')
  socket.on('data', (text: string) => (all += text))
  socket.on('error', () => {})
  return {
    socket,
    send: (text) => void socket.write(text),
    async received(text, times = 1) {
      while (all.split(text).length <= times) await once(socket, 'data')
      return all
    },
    async close() {
      if (socket.closed) return
      const closed = once(socket, 'close')
      socket.destroy()
      await closed
    },
  }
}

export function get(path: string, headers = ''): string {
  return `GET ${path} HTTP/1.1\r\nHost: test\r\n${headers}\r\n`
}
