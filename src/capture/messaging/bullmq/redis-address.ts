/**
 * Which Redis does a queue use? Read from what its application gave as `connection`: options, a URL, or a client.
 */
import { readField } from '../../../model/js-object.ts'

/** What ioredis takes where nothing is said. */
const DEFAULT_HOST = 'localhost'
const DEFAULT_PORT = 6379

export interface RedisAddress {
  /** `undefined`: not known (a cluster, a sentinel, a socket). */
  readonly host: string | undefined
  readonly port: number | undefined
}

const UNKNOWN: RedisAddress = { host: undefined, port: undefined }

export function addressOf(connection: unknown): RedisAddress {
  const url = readField(connection, 'url')
  if (typeof url === 'string' && URL.canParse(url)) {
    const { hostname, port } = new URL(url)
    return { host: hostname === '' ? DEFAULT_HOST : hostname, port: port === '' ? DEFAULT_PORT : Number(port) }
  }
  const options = isClient(connection) ? readField(connection, 'options') : connection
  if (options === undefined || ['nodes', 'sentinels', 'path'].some((name) => hasValue(options, name))) return UNKNOWN
  if (isClient(connection) && readField(connection, 'isCluster') === true) return UNKNOWN
  const host = readField(options, 'host') ?? DEFAULT_HOST
  const port = Number(readField(options, 'port') ?? DEFAULT_PORT)
  return typeof host === 'string' ? { host, port: Number.isInteger(port) ? port : undefined } : UNKNOWN
}

function isClient(connection: unknown): boolean {
  return typeof readField(connection, 'duplicate') === 'function'
}

function hasValue(options: unknown, name: string): boolean {
  const value = readField(options, name)
  return value !== undefined && value !== null
}
