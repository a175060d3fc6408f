/**
 * How much may one span hold? The limits of the OpenTelemetry specification (OTEL_SPAN_*), and attribute values cut to them.
 */
import type { AnyValue } from '../model/any-value.ts'
import { safeMessage } from '../model/js-object.ts'
import { toAnyValue } from '../model/js-value.ts'
import { CUT_MARGIN } from '../model/log-record.ts'
import { MAX_SPAN_BYTES } from '../model/record-limits.ts'

export interface SpanLimits {
  /** OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT. Default 128. */
  readonly attributeCount?: number
  /** OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT, in characters. Default: none. */
  readonly attributeValueLength?: number
  /** OTEL_SPAN_EVENT_COUNT_LIMIT. Default 128; the oldest go first. */
  readonly eventCount?: number
  /** OTEL_SPAN_LINK_COUNT_LIMIT. Default 128; the oldest go first. */
  readonly linkCount?: number
  /** OTEL_EVENT_ATTRIBUTE_COUNT_LIMIT. Default 128. */
  readonly attributePerEventCount?: number
  /** OTEL_LINK_ATTRIBUTE_COUNT_LIMIT. Default 128. */
  readonly attributePerLinkCount?: number
}

export type ResolvedSpanLimits = Required<SpanLimits>

/** Source: the OpenTelemetry specification, "Span Limits". */
export function resolveSpanLimits(limits: SpanLimits = {}): ResolvedSpanLimits {
  return {
    attributeCount: limits.attributeCount ?? 128,
    attributeValueLength: limits.attributeValueLength ?? Infinity,
    eventCount: limits.eventCount ?? 128,
    linkCount: limits.linkCount ?? 128,
    attributePerEventCount: limits.attributePerEventCount ?? 128,
    attributePerLinkCount: limits.attributePerLinkCount ?? 128,
  }
}

/**
 * An attribute's value as AnyValue, its texts cut to `maxLength` characters and the margin in which who redacts finds a secret
 * that lies across the cut: the cut itself is made there. `undefined`: not an attribute.
 */
export function attributeValue(value: unknown, maxLength: number): AnyValue | undefined {
  if (typeof value === 'number' || typeof value === 'boolean') return value
  if (typeof value === 'string') return cut(value, maxLength)
  // Copied as well: the caller may go on changing its array.
  const converted = toAnyValue(value, { maxValueBytes: MAX_SPAN_BYTES })
  if (maxLength === Infinity || !Array.isArray(converted)) return converted
  return converted.map((item: AnyValue) => (typeof item === 'string' ? cut(item, maxLength) : item))
}

function cut(text: string, maxLength: number): string {
  return text.length > maxLength + CUT_MARGIN ? text.slice(0, maxLength + CUT_MARGIN) : text
}

/** The first `maxCount` attributes, and how many were left out. */
export function limitedAttributes(
  attributes: unknown,
  maxCount: number,
  maxLength: number,
): { attributes: Record<string, AnyValue>; dropped: number } {
  const kept: Record<string, AnyValue> = {}
  let count = 0
  let dropped = 0
  for (const [key, raw] of entriesOf(attributes)) {
    const value = key === '' ? undefined : attributeValue(raw, maxLength)
    if (value === undefined) continue
    if (count >= maxCount) dropped += 1
    else {
      kept[key] = value
      count += 1
    }
  }
  return { attributes: kept, dropped }
}

/** The own enumerable fields of whatever was given as attributes; a value whose getter throws is told by that. */
export function entriesOf(attributes: unknown): readonly (readonly [string, unknown])[] {
  if (typeof attributes !== 'object' || attributes === null) return []
  try {
    return Object.keys(attributes).map((key) => [key, valueAt(attributes, key)])
  } catch {
    // A Proxy that does not even list its keys.
    return []
  }
}

function valueAt(attributes: object, key: string): unknown {
  try {
    return (attributes as Record<string, unknown>)[key]
  } catch (error) {
    return safeMessage(error)
  }
}

/** A name as text, whatever was given. */
export function nameOf(value: unknown): string {
  const name = typeof value === 'string' ? value : toAnyValue(value)
  return typeof name === 'object' ? typeof value : String(name)
}
