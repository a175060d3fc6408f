/**
 * One HTTP/2 connection for calls, opened when a call needs it, and anew once the peer or a fault has ended it.
 *
 * Never keeps the process alive.
 */
import type { ClientHttp2Session } from 'node:http2'

import { guarded } from '../../diag/guarded.ts'
import { tlsOptions, type TlsFiles } from './tls-files.ts'

export class GrpcSession {
  readonly #origin: string
  readonly #tls: TlsFiles
  // Loaded with the first transport: an application that exports by HTTP/1 does not pay for it.
  readonly #http2 = process.getBuiltinModule('node:http2')
  #session: ClientHttp2Session | undefined

  /** @param origin  `http://host:port`: HTTP/2 without asking; `https://host:port`: by TLS */
  constructor(origin: string, tls: TlsFiles) {
    this.#origin = origin
    this.#tls = tls
  }

  /** @throws an error that names the certificate that cannot be read */
  open(): ClientHttp2Session {
    const current = this.#session
    if (current !== undefined && !current.closed && !current.destroyed) return current
    const session = this.#http2.connect(this.#origin, tlsOptions(this.#tls))
    this.#session = session
    session.unref()
    // Each call hears of it by itself; without a listener it would be an uncaught exception.
    session.on(
      'error',
      guarded('a connection of ours', () => this.#forget(session)),
    )
    session.on(
      'goaway',
      guarded('a connection of ours', () => this.#forget(session)),
    )
    return session
  }

  /** Nobody answers on it: the next call opens another one, and those that are under way may end. */
  retire(session: ClientHttp2Session): void {
    this.#forget(session)
    if (session.connecting) session.destroy()
    else session.close()
  }

  stop(): void {
    this.#session?.destroy()
    this.#session = undefined
  }

  #forget(session: ClientHttp2Session): void {
    if (this.#session === session) this.#session = undefined
  }
}
