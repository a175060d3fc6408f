/**
 * Hides secrets in records and spans, once, before any sink sees them (spec: security), and cuts what is too long.
 *
 * Under a secret key the whole value goes, at any depth; elsewhere the parts of strings that look like secrets. What holds
 * nothing to hide is returned as it came, uncopied: that is nearly everything. Never throws.
 */
import { type Attributes, setField, type AnyValue } from '../model/any-value.ts'
import type { InstrumentationScope, LogRecord, Resource } from '../model/log-record.ts'
import { MAX_RECORD_BYTES } from '../model/log-record.ts'
import { MAX_SPAN_BYTES } from '../model/record-limits.ts'
import { createSecretKeys } from '../model/secrets/secret-keys.ts'
import { MIN_LENGTH } from '../model/secrets/first-look.ts'
import { createTextRedactor } from '../model/secrets/redact-text.ts'
import { ATTR_TRUNCATED } from '../model/semconv.ts'
import type { SpanEvent, SpanLink, SpanRecord } from '../model/span-record.ts'
import type { PartRedaction } from '../model/part-redaction.ts'
import { createPartRedactor } from './part-redactor.ts'
import {
  createWalk,
  MIN_NAME,
  NO_LIMIT,
  NO_REDACTION,
  redactMap,
  redactText,
  redactValue,
  startAgain,
  type Walk,
} from './redact-value.ts'

export interface RedactorOptions {
  /** False: everything passes as it is, only cut. Default true. */
  readonly isOn?: boolean
  /** Keys to hide besides the built-in ones. As written; default none. */
  readonly addedKeys?: readonly string[]
  /** Built-in keys not to hide. As written; default none. */
  readonly removedKeys?: readonly string[]
  /** Hidden in every string besides the built-in patterns; flag `g` set. Default none. */
  readonly patterns?: readonly RegExp[]
  /** Keys are searched however short they are: for who is shown lines of others' code. Default false. */
  readonly searchesShortNames?: boolean
  /** Characters of a span's attribute values, OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT. Default: none but the span's own. */
  readonly spanValueLength?: number
}

export interface Redactor {
  redactLog(record: LogRecord): LogRecord
  redactSpan(span: SpanRecord): SpanRecord
  /** The same object for the same scope. */
  redactScope(scope: InstrumentationScope): InstrumentationScope
  redactResource(resource: Resource): Resource
  /** For who writes records straight to bytes: what it puts in the same way each time, and the rest, part by part. */
  readonly parts: PartRedaction
}

/** Names of spans, events and levels, and what a status says: words and sentences. Characters. */
const MAX_NAME = 1024

export function createRedactor(options: RedactorOptions = {}): Redactor {
  const { isOn = true, patterns, spanValueLength = NO_LIMIT, searchesShortNames = false } = options
  const keys = createSecretKeys(options)
  const hideText = createTextRedactor({ keys, ...(patterns && { patterns }) })
  const minLength = patterns === undefined || patterns.length === 0 ? MIN_LENGTH : 0
  const minName = searchesShortNames ? minLength : MIN_NAME
  const rules = isOn ? { keys, hideText, minLength, minName, names: new Map<string, string>() } : NO_REDACTION
  const walk = createWalk(rules, MAX_RECORD_BYTES)
  const spanWalk = createWalk(rules, MAX_SPAN_BYTES, spanValueLength)
  const scopes = new WeakMap<InstrumentationScope, InstrumentationScope>()
  const redactScopeOnce = (scope: InstrumentationScope): InstrumentationScope => {
    let redacted = scopes.get(scope)
    if (redacted === undefined) {
      redacted = redactScope(scope, startAgain(walk))
      scopes.set(scope, redacted)
    }
    return redacted
  }
  return {
    redactLog: (record) => redactLog(record, startAgain(walk)),
    redactSpan: (span) => redactSpan(span, startAgain(spanWalk)),
    redactScope: redactScopeOnce,
    redactResource: (resource) => redactResource(resource, startAgain(walk)),
    parts: createPartRedactor(rules, { walk, spanWalk, redactScope: redactScopeOnce }),
  }
}

function redactName(name: string, walk: Walk): string {
  return name.length < walk.minLength ? name : redactText(name, walk, MAX_NAME)
}

function redactLog(record: LogRecord, walk: Walk): LogRecord {
  const body = record.body === undefined ? undefined : redactValue(record.body, walk)
  const attributes = redactMap(record.attributes, walk, true)
  const eventName = redactName(record.eventName, walk)
  const severityText = redactName(record.severityText, walk)
  const isSame =
    body === record.body &&
    attributes === record.attributes &&
    eventName === record.eventName &&
    severityText === record.severityText
  if (isSame) return record
  return { ...record, severityText, eventName, body, attributes: marked(attributes, walk) }
}

function redactSpan(span: SpanRecord, walk: Walk): SpanRecord {
  const name = redactName(span.name, walk)
  const statusMessage = redactName(span.statusMessage, walk)
  const attributes = redactMap(span.attributes, walk, true)
  const events = redactEach<SpanEvent>(span.events, walk, (event) => ({
    ...event,
    name: redactName(event.name, walk),
  }))
  const links = redactEach<SpanLink>(span.links, walk, (link) => link)
  const isSame =
    name === span.name &&
    statusMessage === span.statusMessage &&
    attributes === span.attributes &&
    events === span.events &&
    links === span.links
  return isSame ? span : { ...span, name, statusMessage, attributes: marked(attributes, walk), events, links }
}

function redactEach<T extends { readonly attributes: Attributes; readonly name?: string }>(
  items: readonly T[],
  walk: Walk,
  named: (item: T) => T,
): readonly T[] {
  let copy: T[] | undefined
  for (const [index, item] of items.entries()) {
    const attributes = redactMap(item.attributes, walk, true)
    const renamed = item.name === undefined ? item : named(item)
    if (attributes === item.attributes && renamed.name === item.name) continue
    copy ??= [...items]
    copy[index] = { ...renamed, attributes }
  }
  return copy ?? items
}

function redactScope(scope: InstrumentationScope, walk: Walk): InstrumentationScope {
  const name = redactName(scope.name, walk)
  const version = redactName(scope.version, walk)
  const attributes = scope.attributes === undefined ? undefined : redactMap(scope.attributes, walk, true)
  if (name === scope.name && version === scope.version && attributes === scope.attributes) return scope
  return { name, version, ...(attributes === undefined ? {} : { attributes }) }
}

/** Who emits is never hidden, whatever keys the user has added: without it nothing is found again. */
const IDENTITY = /^(?:service|telemetry)\./

function redactResource(resource: Resource, walk: Walk): Resource {
  const attributes = redactMap(resource.attributes, walk, true)
  if (attributes === resource.attributes) return resource
  const kept: Record<string, AnyValue> = {}
  for (const [key, value] of Object.entries(attributes)) {
    const own = resource.attributes[key]
    if (value !== undefined)
      setField(kept, key, IDENTITY.test(key) && typeof own === 'string' ? redactName(own, walk) : value)
  }
  return { attributes: kept }
}

function marked(attributes: Attributes, walk: Walk): Attributes {
  return walk.isCut && attributes[ATTR_TRUNCATED] !== true ? { ...attributes, [ATTR_TRUNCATED]: true } : attributes
}
