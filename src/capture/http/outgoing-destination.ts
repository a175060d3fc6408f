/**
 * Where does a ClientRequest go? Host and path are on it; the port is not, and the Host header is the application's to set.
 *
 * The agent computes a name for its pool from the connection's options (`getName`) in the same tick in which the request
 * is announced: the port is taken from there.
 */
import type { Agent, ClientRequest } from 'node:http'

import { defaultPort, meantRequest, withoutBrackets, type OutgoingRequest } from './outgoing-request.ts'

/** What the agent was asked last; consumed by the request that is announced next. */
let pooled: { readonly host: string; readonly port: number } | undefined

type GetName = (this: Agent, options?: { host?: string; port?: number | string }) => string

/** Remembers what an agent names its pools by. Its answer is not changed. */
export function watchAgent(prototype: Agent): () => void {
  const { getName: original } = prototype as unknown as { getName: GetName }
  const watched: GetName = function getName(options) {
    const port = Number(options?.port)
    pooled = port > 0 ? { host: options?.host ?? '', port } : undefined
    return original.call(this, options)
  }
  const patched = prototype as unknown as { getName: GetName }
  patched.getName = watched
  return () => {
    if (patched.getName === watched) patched.getName = original
  }
}

export function destinationOf(request: ClientRequest & { readonly socketPath?: string | undefined }): OutgoingRequest {
  const { method, protocol, path, socketPath } = request
  const known = pooled
  pooled = undefined
  const sent = { method, protocol, host: withoutBrackets(request.host), target: path }
  // A pipe of Windows is one, too.
  if (socketPath !== undefined && socketPath !== null) return { ...sent, port: undefined, socketPath }
  const port = known?.host === request.host ? known.port : portOfHeader(request)
  return meantRequest({ ...sent, port: port ?? defaultPort(protocol) })
}

/** The server that is meant; a proxy between us and it does not count. */
export function meantHost({ method, protocol, host, path }: ClientRequest): string {
  return meantRequest({ method, protocol, host: withoutBrackets(host), port: undefined, target: path }).host
}

/** Without an agent only the Host header says it; wrong only where the application sets one of its own. */
function portOfHeader(request: ClientRequest): number | undefined {
  const header = request.getHeader('host')
  const port = typeof header === 'string' ? /:(\d{1,5})$/.exec(header)?.[1] : undefined
  return port === undefined ? undefined : Number(port)
}
