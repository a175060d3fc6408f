/** How is a field of a JSON access line read as text, and a time as nanoseconds? For the readers of this folder. */
import type { AccessField, AccessFields } from './access-line.ts'

/** A line, parsed: one JSON object. */
export type LineFields = Readonly<Record<string, unknown>>

/** Text as it is, numbers as text; `''` for anything else. */
export function textOf(fields: LineFields, name: string): string {
  const value = Object.hasOwn(fields, name) ? fields[name] : undefined
  if (typeof value === 'string') return value
  return typeof value === 'number' ? String(value) : ''
}

/** What all our log formats name alike. */
const NAMED: readonly AccessField[] = [
  'trace_id',
  'span_id',
  'parent_span_id',
  'trace_flags',
  'client_traceparent',
  'uid',
  'remote_addr',
  'method',
  'scheme',
  'host',
  'path',
  'query',
  'protocol',
  'status',
  'bytes_sent',
  'cache_status',
  'user_agent',
]

/** The fields that need no conversion. @param unknown  what the proxy writes for "I do not know" */
export function namedFields(line: LineFields, unknown = ''): AccessFields {
  return Object.fromEntries(NAMED.map((name) => [name, knownText(line, name, unknown)]))
}

/** Text, `''` for what the proxy does not know. */
export function knownText(line: LineFields, name: string, unknown: string): string {
  const text = textOf(line, name)
  return text === unknown ? '' : text
}

/** `/a?b` -> path and query. */
export function splitUri(uri: string): Pick<AccessFields, 'path' | 'query'> {
  const at = uri.indexOf('?')
  return at < 0 ? { path: uri, query: '' } : { path: uri.slice(0, at), query: uri.slice(at + 1) }
}

/** An object in the object; without fields when there is none. */
export function objectOf(fields: LineFields, name: string): LineFields {
  const value = Object.hasOwn(fields, name) ? fields[name] : undefined
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as LineFields) : {}
}

/** A number, not below 0 and below `limit`; `undefined` for anything else. */
export function numberOf(fields: LineFields, name: string, limit: number): number | undefined {
  const value = Object.hasOwn(fields, name) ? fields[name] : undefined
  return typeof value === 'number' && value >= 0 && value < limit ? value : undefined
}

/** Whole milliseconds written as digits; `undefined` for what is none (`-1`: the phase was not reached). */
export function wholeMillis(text: string): number | undefined {
  return /^[0-9]{1,9}$/.test(text) ? Number(text) : undefined
}

/** `1795246176.474` -> milliseconds, by its digits: the product of doubles need not be whole. Until 2255: nanoseconds fit. */
export function millisOfSeconds(text: string): bigint | undefined {
  const match = /^([0-8]?[0-9]{1,9})\.([0-9]{3})$/.exec(text)
  return match === null ? undefined : BigInt(`${match[1]}${match[2]}`)
}

/** A double with at most three decimals, as text; rounds half up, as the Collector's file does. */
export function threeDecimals(value: number): string {
  return String(Math.trunc(value * 1_000 + 0.5) / 1_000)
}
