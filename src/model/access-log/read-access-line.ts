/**
 * Which record does a line of a load balancer's access log stand for? One reader per kind of line.
 *
 * The kinds are those of collector/load-balancers/: a line says its kind itself (`"kind":"nginx"`; Traefik's is known by its
 * keys), so that a line of another format is told from one of ours.
 */
import type { LogRecord } from '../log-record.ts'
import { type AccessLine, recordOfAccess } from './access-line.ts'
import { readCaddyLine } from './caddy-line.ts'
import { readEnvoyLine } from './envoy-line.ts'
import { readHaproxyLine } from './haproxy-line.ts'
import { type LineFields, textOf } from './line-fields.ts'
import { readNginxLine } from './nginx-line.ts'
import { isTraefikLine, readTraefikLine } from './traefik-line.ts'

export type AccessLogKind = 'nginx' | 'haproxy' | 'caddy' | 'envoy' | 'traefik'

type Reader = (line: LineFields) => AccessLine | string

const READERS: Readonly<Record<AccessLogKind, Reader>> = {
  nginx: readNginxLine,
  haproxy: readHaproxyLine,
  caddy: readCaddyLine,
  envoy: readEnvoyLine,
  traefik: readTraefikLine,
}

export const ACCESS_LOG_KINDS: readonly AccessLogKind[] = Object.keys(READERS) as AccessLogKind[]

export function isAccessLogKind(text: string): text is AccessLogKind {
  return Object.hasOwn(READERS, text)
}

/**
 * Reads one line.
 *
 * @returns the record, or one clause that says what is wrong with the line: such a line is kept as text
 */
export function readAccessLine(kind: AccessLogKind, text: string, observedTimeUnixNano: bigint): LogRecord | string {
  const fields = parseLine(text)
  if (typeof fields === 'string') return fields
  const stated = kindOf(fields)
  if (stated !== kind) return `its kind is ${JSON.stringify(stated?.slice(0, 40) ?? null)}, but must be "${kind}"`
  const line = READERS[kind](fields)
  return typeof line === 'string' ? line : recordOfAccess(line, observedTimeUnixNano)
}

/** The kind of log that this line is of; `undefined`: none of ours. */
export function detectAccessLogKind(text: string): AccessLogKind | undefined {
  const fields = parseLine(text)
  const kind = typeof fields === 'string' ? undefined : kindOf(fields)
  return kind !== undefined && isAccessLogKind(kind) ? kind : undefined
}

function kindOf(fields: LineFields): string | undefined {
  return textOf(fields, 'kind') || (isTraefikLine(fields) ? 'traefik' : undefined)
}

/** What stands before the object (the head that syslog puts there) does not count. */
function parseLine(text: string): LineFields | string {
  const start = text.indexOf('{')
  if (start < 0) return 'it is not JSON'
  try {
    const value: unknown = JSON.parse(text.slice(start))
    return typeof value === 'object' && value !== null ? (value as LineFields) : 'it is not JSON'
  } catch {
    return 'it is not JSON, or cut off'
  }
}
