/**
 * Which infos are a text and plain fields, perhaps with a time, as nearly all are? What `record/plain-record.ts` writes as it stands.
 */
import { isPlain } from '../../../model/js-object.ts'
import { FieldRoles } from '../../../record/field-roles.ts'
import { formatMillis, formatTime } from './caller-fields.ts'
import type { InfoSource } from './info-exception.ts'
import { SPLAT, type WinstonInfo } from './winston-types.ts'

/** Carries the event's name through loggers that have no word for it. Source: OpenTelemetry's own bridges. */
export const EVENT_NAME_KEY = 'otel.event.name'

export interface PlainInfo {
  readonly body: string
  readonly roles: FieldRoles
  readonly mayHaveGetters: boolean
  /** What `format.timestamp()` has added: whole milliseconds, or whatever else is a time. */
  readonly timeMillis: number | undefined
  readonly timeUnixNano: bigint | undefined
}

/** Fields that may be more than attributes: looked at one by one. */
const SPECIAL: ReadonlySet<string> = new Set(['err', 'error', 'cause', 'stack', 'label', 'metadata', EVENT_NAME_KEY])

const OWN_TIME = { isOwn: true, timeUnixNano: undefined } as const

const OWN_ROLES = new FieldRoles(roleOf)
/** Where a format has added the record's time. */
const STAMPED_ROLES = new FieldRoles((key) => (key === 'timestamp' ? 'skip' : roleOf(key)))

function roleOf(key: string): 'field' | 'skip' | 'leave' {
  if (key === 'level' || key === 'message') return 'skip'
  return SPECIAL.has(key) ? 'leave' : 'field'
}

/** The same for one info. Written out: a loop over the keys takes up to ten times as long. */
export function hasSpecialKey(info: WinstonInfo): boolean {
  if ('err' in info || 'error' in info || 'cause' in info || 'stack' in info) return true
  return 'label' in info || 'metadata' in info || EVENT_NAME_KEY in info
}

/** @returns `undefined` for what is surely more */
export function plainInfoOf(
  { info, original, message, caller }: InfoSource,
  splat: readonly unknown[],
): PlainInfo | undefined {
  if (typeof message !== 'string' || (splat.length > 0 && !isMergedMeta(message, splat))) return undefined
  // winston has made it, out of data.
  const isWinstons = info === original && SPLAT in original
  if (!isWinstons && (original instanceof Error || hasSpecialKey(info) || isAccessor(info, 'message'))) return undefined
  const { message: body } = info
  if (typeof body !== 'string' || body.includes('\u001B')) return undefined
  const { timestamp } = info
  const timeMillis = formatMillis(timestamp, caller)
  const { isOwn, timeUnixNano } = timeMillis === undefined ? formatTime(timestamp, caller) : OWN_TIME
  const roles = isOwn ? STAMPED_ROLES : OWN_ROLES
  return { body, roles, mayHaveGetters: !isWinstons, timeMillis, timeUnixNano }
}

/** `info(text, { fields })`: winston has merged them, and there is nothing else. */
export function isMergedMeta(message: string, splat: readonly unknown[]): boolean {
  const [meta] = splat
  if (splat.length !== 1 || typeof meta !== 'object' || meta === null || message.includes('%')) return false
  return isPlain(meta) && !('stack' in meta) && !('level' in meta) && !('message' in meta)
}

function isAccessor(object: object, key: string): boolean {
  return Object.getOwnPropertyDescriptor(object, key)?.get !== undefined
}
