/**
 * Where does an outgoing request go, and how is that written down? As the server that is meant, not as what stands on the way:
 * a forward proxy is told the whole URL, a Unix socket has no port.
 */
import type { UpstreamAttempt } from '../../context/upstream-attempts.ts'
import { monotonicMillis } from '../../diag/clock.ts'
import type { AnyValue } from '../../model/any-value.ts'
import { ATTR_COMPONENT, ATTR_SERVER_ADDRESS, ATTR_SERVER_PORT, ATTR_URL_FULL } from '../../model/semconv.ts'
import { addMethod } from './http-method.ts'
import { splitHostPort } from './server-attributes.ts'

export interface OutgoingRequest {
  readonly method: string
  /** `http:` or `https:`. */
  readonly protocol: string
  /** Name or address without port; IPv6 without brackets. */
  readonly host: string
  /** `undefined` for a socket in the file system. */
  readonly port: number | undefined
  /** Path and query; `*` of OPTIONS. */
  readonly target: string
  /** Of a socket in the file system. Default: a connection by TCP. */
  readonly socketPath?: string | undefined
}

/**
 * The request as it is meant, whatever stands in its first line: `/path`, the whole URL (for a proxy), or `host:port` (CONNECT).
 */
export function meantRequest(sent: OutgoingRequest): OutgoingRequest {
  const { method, protocol, target } = sent
  if (method === 'CONNECT') {
    const { address, port } = splitHostPort(target)
    return { method, protocol, host: address, port: port ?? 443, target: '' }
  }
  if (target.startsWith('/') || !target.includes('://')) return sent
  const url = URL.parse(target)
  if (url === null || url.hostname === '') return sent
  // Without user and password.
  return {
    method,
    protocol: url.protocol,
    host: withoutBrackets(url.hostname),
    port: Number(url.port) || defaultPort(url.protocol),
    target: `${url.pathname}${url.search}`,
  }
}

export function defaultPort(protocol: string): number {
  return protocol === 'https:' ? 443 : 80
}

export function withoutBrackets(host: string): string {
  return host.startsWith('[') && host.endsWith(']') ? host.slice(1, -1) : host
}

/** What a CLIENT span says from its start. */
export function clientAttributes(outgoing: OutgoingRequest): Record<string, AnyValue> {
  const attributes: Record<string, AnyValue> = {}
  addMethod(attributes, outgoing.method)
  attributes[ATTR_URL_FULL] = originOf(outgoing) + targetOf(outgoing)
  attributes[ATTR_SERVER_ADDRESS] = outgoing.socketPath ?? outgoing.host
  if (outgoing.port !== undefined) attributes[ATTR_SERVER_PORT] = outgoing.port
  attributes[ATTR_COMPONENT] = 'client'
  return attributes
}

/** The request as a try to reach an upstream. */
export function attemptOf({ method, host, port, target, socketPath }: OutgoingRequest): UpstreamAttempt {
  return {
    upstream: socketPath === undefined ? authorityOf(host, port) : `unix:${socketPath}`,
    method,
    target,
    startedMillis: monotonicMillis(),
    endedMillis: undefined,
    status: '',
    isPipedInto: false,
    isPipedBack: false,
    cacheHit: undefined,
  }
}

/** `http://host:port`; the port where it is not the protocol's. */
export function originOf({ protocol, host, port }: OutgoingRequest): string {
  return `${protocol}//${authorityOf(host, port === defaultPort(protocol) ? undefined : port)}`
}

/** What follows it in a URL. */
export function targetOf({ target }: OutgoingRequest): string {
  return target === '*' ? '' : target
}

function authorityOf(host: string, port: number | undefined): string {
  const name = host.includes(':') ? `[${host}]` : host
  return port === undefined ? name : `${name}:${port}`
}
