/**
 * Hides secrets in records and spans, once, before any sink sees them (spec: security).
 *
 * Under a secret key the whole value goes, at any depth; elsewhere the parts of strings that look like secrets. What holds
 * nothing to hide is returned as it came, uncopied: that is nearly everything. Never throws.
 */
import type { AnyValue, AnyValueMap, Attributes } from '../model/any-value.ts'
import type { LogRecord } from '../model/log-record.ts'
import { REDACTED, redactQuery, redactUrlQuery } from '../model/redact-query.ts'
import { ATTR_URL_FULL, ATTR_URL_QUERY } from '../model/semconv.ts'
import type { SpanEvent, SpanLink, SpanRecord } from '../model/span-record.ts'
import { createSecretKeyTest } from './redact-keys.ts'
import { createTextRedactor } from './redact-text.ts'

export interface RedactorOptions {
  /** False: everything passes as it is. Default true. */
  readonly isOn?: boolean
  /** Keys to hide besides the built-in ones. As written; default none. */
  readonly addedKeys?: readonly string[]
  /** Built-in keys not to hide. As written; default none. */
  readonly removedKeys?: readonly string[]
  /** Hidden in every string besides the built-in patterns; flag `g` set. Default none. */
  readonly patterns?: readonly RegExp[]
}

export interface Redactor {
  redactLog(record: LogRecord): LogRecord
  redactSpan(span: SpanRecord): SpanRecord
}

export function createRedactor(options: RedactorOptions = {}): Redactor {
  if (options.isOn === false) return { redactLog: (record) => record, redactSpan: (span) => span }
  const walk: Walk = { isSecretKey: createSecretKeyTest(options), redactText: createTextRedactor(options.patterns) }
  return {
    redactLog: (record) => redactLog(record, walk),
    redactSpan: (span) => redactSpan(span, walk),
  }
}

interface Walk {
  isSecretKey(key: string): boolean
  redactText(text: string): string
}

function redactLog(record: LogRecord, walk: Walk): LogRecord {
  const body = record.body === undefined ? undefined : redactValue(record.body, walk)
  const attributes = redactMap(record.attributes, walk)
  if (body === record.body && attributes === record.attributes) return record
  return { ...record, body, attributes }
}

function redactSpan(span: SpanRecord, walk: Walk): SpanRecord {
  const name = walk.redactText(span.name)
  const statusMessage = walk.redactText(span.statusMessage)
  const attributes = redactMap(span.attributes, walk)
  const events = redactEach<SpanEvent>(span.events, walk)
  const links = redactEach<SpanLink>(span.links, walk)
  const isSame =
    name === span.name &&
    statusMessage === span.statusMessage &&
    attributes === span.attributes &&
    events === span.events &&
    links === span.links
  return isSame ? span : { ...span, name, statusMessage, attributes, events, links }
}

function redactEach<T extends { readonly attributes: Attributes }>(items: readonly T[], walk: Walk): readonly T[] {
  let copy: T[] | undefined
  for (const [index, item] of items.entries()) {
    const attributes = redactMap(item.attributes, walk)
    if (attributes === item.attributes) continue
    copy ??= [...items]
    copy[index] = { ...item, attributes }
  }
  return copy ?? items
}

function redactMap(map: AnyValueMap, walk: Walk): AnyValueMap {
  let copy: Record<string, AnyValue | undefined> | undefined
  for (const key in map) {
    const value = map[key]
    if (value === undefined) continue
    const redacted = walk.isSecretKey(key) ? hide(value) : redactUnder(key, value, walk)
    if (redacted === value) continue
    copy ??= { ...map }
    // Its own property already, `__proto__` too: the copy has it from the spread.
    copy[key] = redacted
  }
  return copy ?? map
}

function redactUnder(key: string, value: AnyValue, walk: Walk): AnyValue {
  if (typeof value === 'string') {
    if (key === ATTR_URL_QUERY) return walk.redactText(redactQuery(value))
    return walk.redactText(key === ATTR_URL_FULL ? redactUrlQuery(value) : value)
  }
  return typeof value === 'object' ? redactValue(value, walk) : value
}

/** A flag or the absence of a value is no secret: `session: true`, `token: null`, `password: ''`. */
function hide(value: AnyValue): AnyValue {
  return typeof value === 'boolean' || value === null || value === '' ? value : REDACTED
}

function redactValue(value: AnyValue, walk: Walk): AnyValue {
  if (typeof value === 'string') return walk.redactText(value)
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return value
  return Array.isArray(value) ? redactList(value as readonly AnyValue[], walk) : redactMap(value as AnyValueMap, walk)
}

function redactList(list: readonly AnyValue[], walk: Walk): readonly AnyValue[] {
  let copy: AnyValue[] | undefined
  for (let index = 0; index < list.length; index++) {
    const value = list[index] as AnyValue
    const redacted = redactValue(value, walk)
    if (redacted === value) continue
    copy ??= [...list]
    copy[index] = redacted
  }
  return copy ?? list
}
