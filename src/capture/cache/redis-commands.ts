/**
 * Which Redis commands look something up, and does this answer mean hit or miss? One table; a command that is not in it is
 * no look-up: it gets a span, and neither a completion record nor a place in the roll-up.
 *
 * | commands | hit |
 * |---|---|
 * | GET, GETEX, GETDEL, GETRANGE, HGET, LINDEX, ZSCORE, JSON.GET ... | the answer is not null (GETRANGE: not empty) |
 * | MGET, HMGET | at least one of the answers is not null: one look-up, not one per key |
 * | EXISTS, HEXISTS, SISMEMBER, TOUCH | the number is above 0 |
 * | HGETALL, SMEMBERS, LRANGE, ZRANGE, HKEYS, HVALS, ... | the collection is not empty |
 *
 * Not look-ups, though they read: SCAN, KEYS, TTL, TYPE, STRLEN, DBSIZE, INFO, subscriptions, streams, scripts.
 */

/** What an operation on a cache is called in `tracelog.cache.op`. */
export type CacheOpName = 'get' | 'set' | 'delete' | (string & {})

type HitRule = (answer: unknown) => boolean

const isPresent: HitRule = (answer) => answer !== null && answer !== undefined
const isNotEmptyText: HitRule = (answer) => isPresent(answer) && (answer as { length?: number }).length !== 0
const isPositive: HitRule = (answer) => answer === true || Number(answer) > 0
const hasAny: HitRule = (answer) => (Array.isArray(answer) ? answer.some(isPresent) : isPresent(answer))
const isNotEmpty: HitRule = (answer) => {
  if (answer === null || typeof answer !== 'object') return false
  if (answer instanceof Map || answer instanceof Set) return answer.size > 0
  return Array.isArray(answer) ? answer.length > 0 : Object.keys(answer).length > 0
}

const HIT_RULES: ReadonlyMap<string, HitRule> = new Map([
  ...rules(isPresent, 'GET GETEX GETDEL HGET LINDEX ZSCORE LPOS HRANDFIELD SRANDMEMBER JSON.GET GETBIT DUMP'),
  ...rules(isNotEmptyText, 'GETRANGE SUBSTR'),
  ...rules(hasAny, 'MGET HMGET ZMSCORE JSON.MGET HGETEX HGETDEL GEOPOS'),
  ...rules(isPositive, 'EXISTS HEXISTS SISMEMBER TOUCH'),
  ...rules(isNotEmpty, 'HGETALL HKEYS HVALS SMEMBERS LRANGE ZRANGE ZRANGEBYSCORE ZREVRANGE SMISMEMBER'),
])

function rules(rule: HitRule, names: string): [string, HitRule][] {
  return names.split(' ').map((name) => [name, rule])
}

const WRITES = new Set(
  'SET SETEX PSETEX SETNX GETSET MSET MSETNX HSET HSETNX HMSET JSON.SET APPEND SETRANGE'.split(' '),
)
const DELETES = new Set('DEL UNLINK HDEL JSON.DEL FLUSHDB FLUSHALL'.split(' '))
/** Commands of the connection, not of the cache: clients send them by themselves. */
const HOUSEKEEPING = new Set(
  'HELLO AUTH CLIENT PING SELECT INFO QUIT READONLY COMMAND CLUSTER RESET ASKING SUBSCRIBE PSUBSCRIBE UNSUBSCRIBE PUNSUBSCRIBE MONITOR'.split(
    ' ',
  ),
)

/** Commands by which one waits for work. */
const WAITING = new Set('BLPOP BRPOP BRPOPLPUSH BLMOVE BLMPOP BZPOPMIN BZPOPMAX BZMPOP XREAD XREADGROUP'.split(' '))

export interface RedisCommand {
  /** Upper case. */
  readonly name: string
  readonly op: CacheOpName
  readonly isRead: boolean
  /** HELLO, CLIENT, PING: no hop at all. */
  readonly isHousekeeping: boolean
  /** Outside of everything it is a loop that waits for work: no hop either. */
  readonly isWaiting: boolean
}

const known = new Map<string, RedisCommand>()

/** @param text  as the client names it, in any case */
export function redisCommand(text: string): RedisCommand {
  let command = known.get(text)
  if (command === undefined) {
    command = describe(text.toUpperCase())
    // Names come from programs, not from requests; a bound all the same.
    if (known.size < 1_000) known.set(text, command)
  }
  return command
}

function describe(name: string): RedisCommand {
  const isRead = HIT_RULES.has(name)
  const op = isRead ? 'get' : WRITES.has(name) ? 'set' : DELETES.has(name) ? 'delete' : name.toLowerCase()
  return { name, op, isRead, isHousekeeping: HOUSEKEEPING.has(name), isWaiting: WAITING.has(name) }
}

/** `undefined` for commands that are no look-up, and for a command that was only queued (MULTI). */
export function isHit(name: string, answer: unknown): boolean | undefined {
  const rule = HIT_RULES.get(name)
  return rule === undefined || answer === 'QUEUED' ? undefined : rule(answer)
}

/** `user:42` -> `user:*`: what stands behind the last separator is data, and so is any part that looks like an id. */
export function keyPattern(key: unknown): string | undefined {
  if (typeof key !== 'string' || key === '' || key === '?') return undefined
  const parts = key.split(/([:/.|])/)
  if (parts.length === 1) return '*'
  return parts
    .map((part, at) =>
      at % 2 === 1 || (at < parts.length - 1 && /^[A-Za-z][A-Za-z_-]{0,31}$/.test(part)) ? part : '*',
    )
    .join('')
}
