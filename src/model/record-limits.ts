/**
 * How does a record that is too large, or holds what cannot be encoded, still arrive? The slow path of otlp-encode.ts.
 *
 * Every value is converted (js-value.ts), then the longest are cut until the whole fits; the first keys are kept. What
 * was cut is marked `tracelog.truncated`.
 */
import { type AnyValue, type Attributes, setField } from './any-value.ts'
import { utf8Length } from './bytes.ts'
import { convertAttributes, convertValue } from './js-value.ts'
import { type LogRecord, MAX_RECORD_BYTES } from './log-record.ts'
import { ATTR_TRUNCATED } from './semconv.ts'
import type { SpanEvent, SpanLink, SpanRecord } from './span-record.ts'

/** Bytes of one encoded span, its events and links included, before it is cut. */
export const MAX_SPAN_BYTES = 131_072

/** Ids, times, numbers and their tags, `tracelog.truncated` and `tracelog.seq`: what the cut values must leave room for. */
const FIXED_BYTES = 256
/** Tags and lengths around a value; an upper bound. */
const ENTRY_BYTES = 24
/** Level names, event names and the like are words. UTF-16 units. */
const MAX_WORD = 256

/** Here everything is redacted: what is cut is gone. */
const NO_MARGIN = { marginLength: 0 } as const

/** A record of at most 32 KiB whose every field has the right type, from anything. May throw if reading a field does. */
export function repairLog(record: LogRecord): LogRecord {
  const severityText = word(record.severityText)
  const eventName = word(record.eventName)
  const traceId = word(record.traceId)
  const spanId = word(record.spanId)
  const words = severityText.length + eventName.length + traceId.length + spanId.length
  const { body, ...fitted } = fit(record.body, record.attributes, MAX_RECORD_BYTES - FIXED_BYTES - words * 3)
  return {
    timeUnixNano: time(record.timeUnixNano),
    observedTimeUnixNano: time(record.observedTimeUnixNano),
    severityNumber: count(record.severityNumber),
    severityText,
    eventName,
    body,
    traceId,
    spanId,
    traceFlags: count(record.traceFlags),
    attributes: fitted.attributes,
    droppedAttributesCount: count(record.droppedAttributesCount) + fitted.dropped,
  }
}

/** A span of at most 128 KiB: attributes cut first, then the last events and links dropped. */
export function repairSpan(span: SpanRecord): SpanRecord {
  const share = MAX_SPAN_BYTES / 2 - 4096
  const { attributes, dropped } = fit(undefined, span.attributes, share)
  const events = takeWhile(span.events, share / 2, repairEvent)
  const links = takeWhile(span.links, share / 2, repairLink)
  return {
    traceId: word(span.traceId),
    spanId: word(span.spanId),
    parentSpanId: word(span.parentSpanId),
    traceState: text(span.traceState, 512),
    flags: count(span.flags),
    name: text(span.name, 512),
    kind: count(span.kind),
    startTimeUnixNano: time(span.startTimeUnixNano),
    endTimeUnixNano: time(span.endTimeUnixNano),
    attributes,
    droppedAttributesCount: count(span.droppedAttributesCount) + dropped,
    events: events.kept,
    droppedEventsCount: count(span.droppedEventsCount) + events.dropped,
    links: links.kept,
    droppedLinksCount: count(span.droppedLinksCount) + links.dropped,
    statusCode: count(span.statusCode),
    statusMessage: text(span.statusMessage, 1024),
  }
}

/** Bytes that an event's or a link's attributes may take when its span is too large: a stack fits. */
const PART_BYTES = 16_384

function repairEvent(event: SpanEvent): SpanEvent {
  const { attributes, dropped } = fit(undefined, event.attributes, PART_BYTES)
  return {
    timeUnixNano: time(event.timeUnixNano),
    name: word(event.name),
    attributes,
    droppedAttributesCount: count(event.droppedAttributesCount) + dropped,
  }
}

function repairLink(link: SpanLink): SpanLink {
  const { attributes, dropped } = fit(undefined, link.attributes, PART_BYTES)
  return {
    traceId: word(link.traceId),
    spanId: word(link.spanId),
    traceState: text(link.traceState, 512),
    traceFlags: count(link.traceFlags),
    attributes,
    droppedAttributesCount: count(link.droppedAttributesCount) + dropped,
  }
}

function takeWhile<Part extends SpanEvent | SpanLink>(
  parts: readonly Part[],
  budget: number,
  repair: (part: Part) => Part,
): { readonly kept: readonly Part[]; readonly dropped: number } {
  const kept: Part[] = []
  let left = budget
  for (const part of parts) {
    const repaired = repair(part)
    left -= sizeOf(repaired.attributes) + 2 * ENTRY_BYTES + 3 * MAX_WORD
    if (left < 0) break
    kept.push(repaired)
  }
  return { kept, dropped: parts.length - kept.length }
}

interface Fitted {
  readonly body: AnyValue | undefined
  readonly attributes: Attributes
  readonly dropped: number
}

interface Entry {
  readonly key: string
  readonly value: AnyValue
  readonly size: number
}

/** The body counts as one of the values; its key is no attribute's. */
const BODY = Symbol('body').toString()

function fit(body: unknown, attributes: object, budget: number): Fitted {
  const converted = convertAttributes(attributes ?? {}, NO_MARGIN)
  const convertedBody = convertValue(body, NO_MARGIN)
  const entries: Entry[] = []
  if (convertedBody.value !== undefined) entries.push(entryOf(BODY, convertedBody.value))
  for (const [key, value] of Object.entries(converted.attributes)) {
    if (value !== undefined && key !== ATTR_TRUNCATED) entries.push(entryOf(key, value))
  }

  const { kept, available } = keepFirst(entries, budget)
  const cap = capFor(kept, available)
  const isCut = kept.length < entries.length || Number.isFinite(cap)
  const result = collect(kept, cap)
  if (isCut || converted.truncated || convertedBody.truncated) result.attributes[ATTR_TRUNCATED] = true
  return { ...result, dropped: converted.droppedAttributesCount + entries.length - kept.length }
}

function entryOf(key: string, value: AnyValue): Entry {
  return { key, value, size: sizeOf(value) }
}

/** As many entries as have room for their keys and a few bytes of value. */
function keepFirst(entries: readonly Entry[], budget: number): { kept: readonly Entry[]; available: number } {
  let available = budget
  let kept = 0
  for (const { key, size } of entries) {
    const needed = ENTRY_BYTES + utf8Length(key)
    if (available - needed < Math.min(size, 64) + kept * 16) break
    available -= needed
    kept++
  }
  return { kept: entries.slice(0, kept), available }
}

/** The size to which the longest values must come down so that all fit; Infinity when they fit as they are. */
function capFor(entries: readonly Entry[], available: number): number {
  const sizes = entries.map(({ size }) => size).toSorted((a, b) => a - b)
  let left = available
  for (const [index, size] of sizes.entries()) {
    const share = left / (sizes.length - index)
    if (size > share) return Math.floor(share)
    left -= size
  }
  return Infinity
}

function collect(
  entries: readonly Entry[],
  cap: number,
): { body: AnyValue | undefined; attributes: Record<string, AnyValue> } {
  const attributes: Record<string, AnyValue> = {}
  let body: AnyValue | undefined
  for (const { key, value, size } of entries) {
    const cut = size > cap ? cutValue(value, cap) : value
    if (key === BODY) body = cut
    else setField(attributes, key, cut)
  }
  return { body, attributes }
}

function cutValue(value: AnyValue, maxBytes: number): AnyValue {
  const room = Math.max(maxBytes - 8, 0)
  if (typeof value === 'string') return cutText(value, room)
  if (value instanceof Uint8Array) return value.slice(0, room)
  if (typeof value !== 'object' || value === null) return value
  for (let share = room; share >= 32; share = Math.floor(share / 2)) {
    const cut = convertValue(value, { maxValueBytes: share, marginLength: 0 }).value ?? null
    if (sizeOf(cut) <= maxBytes) return cut
  }
  return Array.isArray(value) ? [] : {}
}

/** The longest beginning of whole characters that takes at most `maxBytes` in UTF-8. */
function cutText(value: string, maxBytes: number): string {
  if (value.length * 3 <= maxBytes) return value
  const { read } = new TextEncoder().encodeInto(value, new Uint8Array(Math.max(maxBytes, 0)))
  return value.slice(0, read)
}

/** An upper bound of the bytes of an encoded value. */
function sizeOf(value: AnyValue): number {
  if (typeof value === 'string') return utf8Length(value) + 8
  if (typeof value !== 'object' || value === null) return 12
  if (value instanceof Uint8Array) return value.length + 8
  let size = 12
  if (Array.isArray(value)) {
    for (const item of value as readonly AnyValue[]) size += sizeOf(item) + 4
    return size
  }
  for (const [key, item] of Object.entries(value)) {
    if (item !== undefined) size += utf8Length(key) + sizeOf(item) + ENTRY_BYTES
  }
  return size
}

function word(value: unknown): string {
  return text(value, MAX_WORD)
}

function text(value: unknown, maxLength: number): string {
  const converted = convertValue(value, NO_MARGIN).value
  if (converted === undefined || converted === null) return ''
  return (typeof converted === 'string' ? converted : JSON.stringify(converted)).slice(0, maxLength).toWellFormed()
}

function time(value: unknown): bigint {
  return typeof value === 'bigint' && value >= 0n ? BigInt.asUintN(64, value) : 0n
}

function count(value: unknown): number {
  return typeof value === 'number' && value > 0 && value <= 0xffff_ffff ? Math.floor(value) : 0
}
