/**
 * Opens one port of the backend: on 127.0.0.1 and on ::1 with the same number, or on the one address the user named.
 *
 * `localhost` is either of the two, depending on the client. A machine without IPv6 goes on with IPv4.
 */
import type { AddressInfo, Server, Socket } from 'node:net'

import { TracelogError } from '../diag/errors.ts'
import { portOwner } from './port-owner.ts'

export interface ListenOptions {
  /** Makes one more server with the same behaviour. */
  readonly createServer: () => Server
  /** 0: any free one. */
  readonly port: number
  /** `127.0.0.1` means both loopback addresses. */
  readonly host: string
  /** What the port is for, in an error: `OTLP/HTTP`. */
  readonly purpose: string
  /** How a user chooses another port: `--otlp-http`. */
  readonly flag: string
}

export interface Listener {
  readonly port: number
  /** Stops listening, gives open requests `graceMillis` to end, then cuts the connections. */
  close(graceMillis: number): Promise<void>
}

const LOOPBACK = '127.0.0.1'
const LOOPBACK_6 = '::1'
/** Tries at finding a number that is free on both addresses. */
const MAX_TRIES = 10
/** What systems say where there is no IPv6. */
const NO_IPV6: ReadonlySet<string> = new Set(['EADDRNOTAVAIL', 'EAFNOSUPPORT', 'EINVAL', 'EPROTONOSUPPORT'])

/** @throws TRACELOG_PORT_IN_USE */
export async function listen(options: ListenOptions): Promise<Listener> {
  const { host, port } = options
  const tries = port === 0 ? MAX_TRIES : 1
  for (let left = tries; ; left--) {
    // oxlint-disable-next-line no-await-in-loop -- the next try depends on this one
    const opened = await openAll(options, host === LOOPBACK ? [LOOPBACK, LOOPBACK_6] : [host])
    if ('listener' in opened) return opened.listener
    if (left === 1 || opened.error.code !== 'EADDRINUSE') throw failure(opened.error, options)
  }
}

async function openAll(
  options: ListenOptions,
  hosts: readonly string[],
): Promise<{ readonly listener: Listener } | { readonly error: NodeJS.ErrnoException }> {
  const servers: OpenServer[] = []
  let port = options.port
  for (const host of hosts) {
    const server = new OpenServer(options.createServer())
    try {
      // oxlint-disable-next-line no-await-in-loop -- the second address takes the first one's port
      port = await server.open(port, host)
      servers.push(server)
    } catch (error) {
      const { code = '' } = error as NodeJS.ErrnoException
      if (host === LOOPBACK_6 && NO_IPV6.has(code)) continue
      // oxlint-disable-next-line no-await-in-loop -- ends the loop
      await Promise.all(servers.map((open) => open.close(0)))
      return { error: error as NodeJS.ErrnoException }
    }
  }
  const close = async (graceMillis: number): Promise<void> => {
    await Promise.all(servers.map((server) => server.close(graceMillis)))
  }
  return { listener: { port, close } }
}

/** A server and its connections: HTTP/2 servers have no closeAllConnections. */
class OpenServer {
  readonly #server: Server
  readonly #sockets = new Set<Socket>()

  constructor(server: Server) {
    this.#server = server
    server.on('connection', (socket: Socket) => {
      this.#sockets.add(socket)
      socket.once('close', () => this.#sockets.delete(socket))
    })
  }

  open(port: number, host: string): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject)
      this.#server.listen({ port, host, backlog: 1_024 }, () => {
        this.#server.removeListener('error', reject)
        // EMFILE at accept and the like: the connection is gone, the server is not.
        this.#server.on('error', () => {})
        resolve((this.#server.address() as AddressInfo).port)
      })
    })
  }

  async close(graceMillis: number): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()))
    const http = this.#server as Server & { closeIdleConnections?: () => void }
    http.closeIdleConnections?.()
    const timer = setTimeout(() => {
      for (const socket of this.#sockets) socket.destroy()
    }, graceMillis)
    await closed
    clearTimeout(timer)
  }
}

function failure(error: NodeJS.ErrnoException, options: ListenOptions): Error {
  const { port, host, purpose, flag } = options
  if (error.code !== 'EADDRINUSE') {
    return new TracelogError(
      `the ${purpose} address is ${host}:${port}, but it cannot be listened on: ${error.message}`,
      {
        code: 'TRACELOG_CONFIG_INVALID',
        hint: `Choose another address with --listen or another port with ${flag}.`,
        cause: error,
      },
    )
  }
  const owner = portOwner(port)
  const who = owner === undefined ? 'another process' : `process ${owner.pid} (${owner.command})`
  return new TracelogError(`port ${port} (${purpose}) is taken by ${who}`, {
    code: 'TRACELOG_PORT_IN_USE',
    hint: `Stop that process, or choose another port with ${flag} (0: any free one).`,
    cause: error,
  })
}

/** An IPv6 address stands in brackets in a URL and in a Host header. */
export function urlHost(host: string): string {
  return host.includes(':') ? `[${host}]` : host
}
