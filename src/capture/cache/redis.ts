/**
 * node-redis (`@redis/client` 5.12 and later) and ioredis (5.11 and later), by the tracing channels that they publish.
 *
 * Older versions publish nothing and are not seen. Nothing is patched but what ioredis-queue.ts says. Both libraries give
 * the answer with the end of a command, which says hit or miss. Commands of a pipeline are announced one by one. Commands of
 * a transaction are no look-ups: node-redis announces none of them, ioredis all, as queued.
 */
import { context as contextApi, trace } from '@opentelemetry/api'

import type { AnyValue } from '../../model/any-value.ts'
import {
  ATTR_DB_NAMESPACE,
  ATTR_DB_OPERATION_NAME,
  ATTR_DB_SYSTEM_NAME,
  ATTR_SERVER_ADDRESS,
  ATTR_SERVER_PORT,
} from '../../model/semconv.ts'
import { channelSubscriptions } from '../hop/channel-subscriptions.ts'
import type { Instrumentation } from '../instrumentation.ts'
import { beginCacheHop, type CacheCaller, type CacheHop } from './cache-hop.ts'
import { CacheOperations, type CacheOperation } from './cache-operation.ts'
import type { CacheOptions } from './cache-options.ts'
import { watchIoredisQueue, type IoredisQueue } from './ioredis-queue.ts'
import { isHit, keyPattern, redisCommand, type RedisCommand } from './redis-commands.ts'

/** What both libraries publish; arguments are cleaned by them, with node-redis the command's name is the first. */
interface CommandMessage {
  readonly command?: string
  readonly args?: readonly string[]
  readonly batchMode?: string
  readonly batchSize?: number
  readonly database?: number
  readonly serverAddress?: string
  readonly serverPort?: number
  readonly result?: unknown
  readonly error?: unknown
}

export interface RedisLibrary {
  /** The instrumentation's name: that of the package. */
  readonly name: 'redis' | 'ioredis'
  readonly commandChannel: string
  readonly batchChannel: string
  /** Where the key stands in `args`. */
  readonly keyAt: number
  /** Commands wait for a connection before they are announced. Default: they are announced when they are made. */
  readonly isAnnouncedLate?: boolean
}

export const NODE_REDIS: RedisLibrary = {
  name: 'redis',
  commandChannel: 'node-redis:command',
  batchChannel: 'node-redis:batch',
  keyAt: 1,
}
export const IOREDIS: RedisLibrary = {
  name: 'ioredis',
  commandChannel: 'ioredis:command',
  batchChannel: 'ioredis:batch',
  keyAt: 0,
  isAnnouncedLate: true,
}

export function createRedisInstrumentation(library: RedisLibrary, options: CacheOptions): Instrumentation {
  const hops = new WeakMap<object, CacheHop>()
  let queue: IoredisQueue | undefined
  const subscriptions = channelSubscriptions(
    Object.fromEntries(
      [library.commandChannel, library.batchChannel].flatMap((name): [string, (message: CommandMessage) => void][] => [
        [
          `tracing:${name}:start`,
          (message) => {
            const hop = begin(message, { library, options, caller: queue?.takeCaller() })
            if (hop !== undefined) hops.set(message, hop)
          },
        ],
        [`tracing:${name}:asyncEnd`, (message) => end(message, hops)],
        [`tracing:${name}:error`, (message) => hops.get(message)?.failed(message.error)],
      ]),
    ),
  )
  return {
    name: library.name,
    enable() {
      if (subscriptions.isEnabled) return
      subscriptions.enable()
      if (library.isAnnouncedLate !== true) return
      queue = watchIoredisQueue(({ name, args }, error, caller) => {
        const keys = args.map((arg) => (typeof arg === 'string' ? arg : '?'))
        begin({ command: name, args: keys }, { library, options, caller })?.failed(error)
      })
    },
    disable() {
      subscriptions.disable()
      queue?.disable()
      queue = undefined
    },
    status: () => (subscriptions.isEnabled ? 'active' : 'off'),
  }
}

interface Attachment {
  readonly library: RedisLibrary
  readonly options: CacheOptions
  /** Who asked; `undefined`: the caller is active now. */
  readonly caller: CacheCaller | undefined
}

function begin(message: CommandMessage, { library, options, caller }: Attachment): CacheHop | undefined {
  // A batch is a hop of its own only when its commands are not announced apart.
  if (message.command === undefined && message.batchMode !== 'MULTI') return undefined
  const command = redisCommand(message.command ?? 'MULTI')
  if (command.isHousekeeping || (message.command !== undefined && message.batchMode === 'MULTI')) return undefined
  if (command.isWaiting && trace.getSpan(caller?.context ?? contextApi.active()) === undefined) return undefined
  const pattern = options.keys === 'pattern' ? keyPattern(message.args?.[library.keyAt]) : undefined
  return beginCacheHop(options, operationOf(message, command, pattern), caller)
}

const operations = new CacheOperations()

function operationOf(message: CommandMessage, command: RedisCommand, pattern: string | undefined): CacheOperation {
  const { database, serverAddress, serverPort } = message
  const key = `${command.name}\n${database ?? ''}\n${serverAddress ?? ''}\n${serverPort ?? ''}\n${pattern === undefined ? '' : `/${pattern}`}`
  return operations.of(key, () => ({
    name: 'redis',
    op: command.op,
    isRead: command.isRead,
    spanName: command.name,
    keyPattern: pattern,
    attributes: databaseAttributes(message, command.name),
  }))
}

function end(message: CommandMessage, hops: WeakMap<object, CacheHop>): void {
  const hop = hops.get(message)
  if (hop === undefined) return
  // ioredis announces the commands of a transaction too; their answers come with the EXEC.
  if (message.result === 'QUEUED') hop.queued()
  else if (message.error === undefined) hop.ended(isHit((message.command ?? '').toUpperCase(), message.result))
  else hop.failed(message.error)
}

function databaseAttributes(message: CommandMessage, operation: string): Record<string, AnyValue> {
  const attributes: Record<string, AnyValue> = {
    [ATTR_DB_SYSTEM_NAME]: 'redis',
    [ATTR_DB_OPERATION_NAME]: operation,
    [ATTR_DB_NAMESPACE]: String(message.database ?? 0),
  }
  if (message.serverAddress !== undefined) attributes[ATTR_SERVER_ADDRESS] = message.serverAddress
  if (message.serverPort !== undefined) attributes[ATTR_SERVER_PORT] = message.serverPort
  return attributes
}
