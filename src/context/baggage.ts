/**
 * What does a `baggage` header hold, and how is one written? W3C Baggage: whole members only, never a part of one.
 */
import { baggageEntryMetadataFromString, propagation, type Baggage, type BaggageEntry } from '@opentelemetry/api'

import { listMembers, MAX_BAGGAGE, trimBlanks, withinLength } from '../model/header-text.ts'

/** Source: W3C Baggage, "Limits": so many members must be passed on. The bytes are in header-text.ts. */
const MAX_MEMBERS = 64

const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/
/** Visible ASCII without `"`, `,`, `;` and `\`. */
const VALUE = /^[\x21\x23-\x2b\x2d-\x3a\x3c-\x5b\x5d-\x7e]*$/
const ESCAPED = /[^\x21\x23\x24\x26-\x2b\x2d-\x3a\x3c-\x5b\x5d-\x7e]+/g

/**
 * Members that are malformed are left out, the others are kept; so are whole members beyond the limits.
 *
 * @returns `undefined` when no member is left
 */
export function parseBaggage(header: string): Baggage | undefined {
  const entries: Record<string, BaggageEntry> = {}
  let count = 0
  for (const text of withinLength(listMembers(header), MAX_BAGGAGE)) {
    const member = parseMember(text)
    if (member === undefined) continue
    if (!(member.key in entries) && ++count > MAX_MEMBERS) break
    entries[member.key] = member.entry
  }
  return count === 0 ? undefined : propagation.createBaggage(entries)
}

function parseMember(text: string): { key: string; entry: BaggageEntry } | undefined {
  const [pair = '', ...properties] = text.split(';')
  const equals = pair.indexOf('=')
  const key = trimBlanks(pair.slice(0, equals))
  const value = trimBlanks(pair.slice(equals + 1))
  if (equals < 1 || !TOKEN.test(key) || !VALUE.test(value)) return undefined
  const metadata = properties.map(plainProperty).join(';')
  try {
    const entry = { value: decodeURIComponent(value) }
    return { key, entry: metadata === '' ? entry : { ...entry, metadata: baggageEntryMetadataFromString(metadata) } }
  } catch {
    // Broken percent escapes: the member cannot be read as a whole.
    return undefined
  }
}

/** `p = q` as `p=q`: blanks around the sign are allowed, and mean nothing. */
function plainProperty(property: string): string {
  const equals = property.indexOf('=')
  if (equals === -1) return trimBlanks(property)
  return `${trimBlanks(property.slice(0, equals))}=${trimBlanks(property.slice(equals + 1))}`
}

/** @returns the header's text, `''` for an empty baggage; whole members beyond the limits are left out */
export function formatBaggage(baggage: Baggage): string {
  const members: string[] = []
  let bytes = 0
  for (const [key, entry] of baggage.getAllEntries()) {
    if (!TOKEN.test(key)) continue
    const { value, metadata: properties } = entry
    if (typeof value !== 'string') continue
    const metadata = properties === undefined ? '' : `;${properties.toString()}`
    const member = `${key}=${escapeValue(value)}${metadata}`
    // eslint-disable-next-line no-control-regex -- a property with a line break or a comma would be another header
    if (/[^\x20-\x7e]|,/.test(metadata)) continue
    if (members.length === MAX_MEMBERS || bytes + member.length + 1 > MAX_BAGGAGE + 1) continue
    bytes += member.length + 1
    members.push(member)
  }
  return members.join(',')
}

function escapeValue(value: string): string {
  return value.replace(ESCAPED, (run) => encodeURIComponent(run.toWellFormed()).replaceAll("'", '%27'))
}

/** Ours first, then the members that only `existing` (a header the application has set) has. */
export function mergeBaggage(ours: string, existing: string): string {
  if (existing === '') return ours
  const merged = parseBaggage(existing) ?? propagation.createBaggage()
  const active = parseBaggage(ours) ?? propagation.createBaggage()
  // What the application wrote into the header of this very request is the more particular statement.
  return formatBaggage(merged.getAllEntries().reduce((baggage, [key, entry]) => baggage.setEntry(key, entry), active))
}
