/**
 * What is known of an inbound request before it is handled, by the stable semantic conventions.
 */
import type { IncomingHttpHeaders } from 'node:http'

import type { AnyValue } from '../../model/any-value.ts'
import { firstMember, MAX_FORWARDED_HOP } from '../../model/header-text.ts'
import {
  ATTR_CLIENT_ADDRESS,
  ATTR_NETWORK_PEER_ADDRESS,
  ATTR_NETWORK_PEER_PORT,
  ATTR_NETWORK_PROTOCOL_VERSION,
  ATTR_SERVER_ADDRESS,
  ATTR_SERVER_PORT,
  ATTR_URL_PATH,
  ATTR_URL_QUERY,
  ATTR_URL_SCHEME,
  ATTR_USER_AGENT_ORIGINAL,
} from '../../model/semconv.ts'
import { addMethod } from './http-method.ts'
import type { RequestTarget } from './request-target.ts'

/** What of a request is read; HTTP/1 and the HTTP/2 compatibility API both have it. */
export interface InboundRequest {
  readonly method?: string | undefined
  readonly httpVersion: string
  readonly headers: IncomingHttpHeaders
}

/** The connection below a request. */
export interface PeerSocket {
  readonly remoteAddress?: string | undefined
  readonly remotePort?: number | undefined
  readonly encrypted?: boolean
}

export function serverAttributes(
  request: InboundRequest,
  target: RequestTarget,
  socket: PeerSocket,
): Record<string, AnyValue> {
  const { headers } = request
  const attributes: Record<string, AnyValue> = {}
  addMethod(attributes, request.method ?? 'GET')
  attributes[ATTR_URL_SCHEME] = socket.encrypted === true ? 'https' : 'http'
  attributes[ATTR_URL_PATH] = target.path
  if (target.query !== undefined) attributes[ATTR_URL_QUERY] = target.query
  const forwarded = headers.forwarded === undefined ? undefined : firstForwarded(headers.forwarded)
  addServer(attributes, forwarded?.host ?? firstOf(headers['x-forwarded-host']) ?? authorityOf(headers))
  addPeer(attributes, forwarded?.for ?? firstOf(headers['x-forwarded-for']), socket)
  attributes[ATTR_NETWORK_PROTOCOL_VERSION] = request.httpVersion === '2.0' ? '2' : request.httpVersion
  const agent = headers['user-agent']
  if (agent !== undefined) attributes[ATTR_USER_AGENT_ORIGINAL] = agent
  return attributes
}

function authorityOf(headers: IncomingHttpHeaders): string | undefined {
  const authority = headers[':authority']
  return typeof authority === 'string' ? authority : headers.host
}

function addServer(attributes: Record<string, AnyValue>, host: string | undefined): void {
  if (host === undefined || host === '') return
  const { address, port } = splitHostPort(host)
  attributes[ATTR_SERVER_ADDRESS] = address
  if (port !== undefined) attributes[ATTR_SERVER_PORT] = port
}

function addPeer(attributes: Record<string, AnyValue>, forwardedFor: string | undefined, socket: PeerSocket): void {
  const peer = plainAddress(socket.remoteAddress)
  const client = forwardedFor === undefined ? peer : splitHostPort(forwardedFor).address
  if (client !== undefined) attributes[ATTR_CLIENT_ADDRESS] = client
  if (peer === undefined) return
  attributes[ATTR_NETWORK_PEER_ADDRESS] = peer
  if (socket.remotePort !== undefined) attributes[ATTR_NETWORK_PEER_PORT] = socket.remotePort
}

/** An IPv4 peer of a dual-stack listener is written as IPv4. */
export function plainAddress(address: string | undefined): string | undefined {
  return address?.startsWith('::ffff:') === true && address.includes('.') ? address.slice(7) : address
}

/** The first element of a list header: the hop nearest to the client. */
function firstOf(header: string | readonly string[] | undefined): string | undefined {
  const text = typeof header === 'string' ? header : header?.[0]
  return text === undefined ? undefined : firstMember(text, MAX_FORWARDED_HOP)
}

/** `for` and `host` of the first element of `Forwarded` (RFC 7239). */
function firstForwarded(header: string): { for: string | undefined; host: string | undefined } {
  const first = firstMember(header, MAX_FORWARDED_HOP) ?? ''
  const parts = new Map<string, string>()
  for (const part of first.split(';')) {
    const equals = part.indexOf('=')
    if (equals > 0) parts.set(part.slice(0, equals).trim().toLowerCase(), unquoted(part.slice(equals + 1).trim()))
  }
  return { for: parts.get('for'), host: parts.get('host') }
}

function unquoted(text: string): string {
  return text.startsWith('"') && text.endsWith('"') && text.length > 1 ? text.slice(1, -1) : text
}

/** `host:port`, `[v6]:port`, or either without a port; a bare IPv6 address has none. */
export function splitHostPort(text: string): { address: string; port: number | undefined } {
  if (text.startsWith('[')) {
    const end = text.indexOf(']')
    return { address: text.slice(1, end === -1 ? undefined : end), port: portOf(text.slice(end + 2)) }
  }
  const colon = text.indexOf(':')
  if (colon === -1 || text.includes(':', colon + 1)) return { address: text, port: undefined }
  return { address: text.slice(0, colon), port: portOf(text.slice(colon + 1)) }
}

function portOf(text: string): number | undefined {
  const port = Number(text)
  return text !== '' && Number.isInteger(port) && port > 0 && port < 65_536 ? port : undefined
}
