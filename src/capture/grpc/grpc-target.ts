/**
 * Which server does a target of grpc-js name? `dns:///api:50051`, `127.0.0.1:50051`, `ipv6:[::1]:50051`, `unix:/tmp/x.sock`.
 *
 * Source: grpc/doc/naming.md. Of several addresses the first counts. Pure.
 */
import { splitHostPort } from '../http/server-attributes.ts'

export interface GrpcServer {
  readonly host: string
  /** `undefined` for a socket in the file system. */
  readonly port: number | undefined
}

const SCHEME = /^(dns|ipv4|ipv6|unix|unix-abstract|xds|passthrough):/
/** What a name of a host may have, with its port. */
const MAX_LENGTH = 512
const HTTPS = 443

export function grpcServerOf(target: string): GrpcServer {
  const text = target.slice(0, MAX_LENGTH)
  const scheme = SCHEME.exec(text)?.[1]
  const rest = scheme === undefined ? text : text.slice(scheme.length + 1)
  // `//authority/name`: the authority says who resolves the name.
  const endpoint = rest.startsWith('//') ? rest.slice(rest.indexOf('/', 2) + 1) : rest
  if (scheme?.startsWith('unix') === true) {
    return { host: rest.startsWith('//') ? rest.slice(2) : rest, port: undefined }
  }
  const { address, port } = splitHostPort(endpoint.split(',', 1)[0] ?? '')
  return { host: address, port: port ?? HTTPS }
}
