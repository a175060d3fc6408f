/**
 * Memcached's commands, as both clients name them: which is a look-up, and how is one called in `tracelog.cache.op`?
 */
import type { AnyValue } from '../../model/any-value.ts'
import {
  ATTR_DB_OPERATION_NAME,
  ATTR_DB_SYSTEM_NAME,
  ATTR_SERVER_ADDRESS,
  ATTR_SERVER_PORT,
} from '../../model/semconv.ts'
import { CacheOperations, type CacheOperation } from './cache-operation.ts'
import { keyPattern, type CacheOpName } from './redis-commands.ts'

export interface MemcachedCall {
  /** `get`, `set`, `incr`. */
  readonly command: string
  /** Where it goes; `undefined`: no server is there to ask. */
  readonly address: string | undefined
  readonly port: number | undefined
  /** Default: its pattern is not asked for. */
  readonly key?: unknown
}

const READS = new Set(['get', 'gets'])
const WRITES = new Set(['set', 'add', 'replace', 'append', 'prepend', 'cas'])

const operations = new CacheOperations()

export function memcachedOperation({ command, address, port, key }: MemcachedCall): CacheOperation {
  const pattern = keyPattern(key)
  const text = `${command}\n${address ?? ''}\n${port ?? ''}\n${pattern === undefined ? '' : `/${pattern}`}`
  return operations.of(text, () => ({
    name: 'memcached',
    op: opOf(command),
    isRead: READS.has(command),
    spanName: command,
    keyPattern: pattern,
    attributes: attributesOf(command, address, port),
  }))
}

function opOf(command: string): CacheOpName {
  return READS.has(command) ? 'get' : WRITES.has(command) ? 'set' : command
}

function attributesOf(
  command: string,
  address: string | undefined,
  port: number | undefined,
): Record<string, AnyValue> {
  return {
    [ATTR_DB_SYSTEM_NAME]: 'memcached',
    [ATTR_DB_OPERATION_NAME]: command,
    ...(address === undefined ? {} : { [ATTR_SERVER_ADDRESS]: address }),
    ...(port === undefined ? {} : { [ATTR_SERVER_PORT]: port }),
  }
}
