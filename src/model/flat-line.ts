/**
 * How is a record written as one flat JSON line? What an administrator reads with grep, jq and tail.
 *
 * First keys in the order of the specification, then attributes under their short or own keys, then chosen resource
 * attributes. No blanks after `:` and `,`, so that `grep '"trace_id":"<id>"'` works. At most 64 KiB. Reading is
 * flat-line-read.ts; a line that was written here is the same after reading and writing it again.
 */
import {
  ERROR_KEYS,
  FLAT_KEY_BY_ATTRIBUTE,
  keyOfAttribute,
  PLACED_KEYS,
  RECORD_KEYS,
  RESOURCE_KEYS,
} from './flat-keys.ts'
import { lineOf, type FlatEntry } from './flat-shrink.ts'
import { flattenAttributes, type FlatValue, toFlatValue, textOf } from './flat-value.ts'
import type { InstrumentationScope, LogRecord, Resource } from './log-record.ts'
import * as key from './semconv.ts'
import { levelOfSeverity, severityOf } from './severity.ts'
import { formatTimestamp } from './time.ts'
import { formatFlags } from './trace-context.ts'

export interface FlatLineOptions {
  /** `minimal`: time, trace, service, level, message, request and error alone. Default `full`. */
  readonly line?: 'full' | 'minimal'
  /** Adds `time_ns`, the time to the nanosecond as text. Default false. */
  readonly hasTimeNs?: boolean
  /** Resource attributes shown besides `service.name`. Default `RESOURCE_KEYS` of flat-keys.ts. */
  readonly resourceKeys?: readonly string[]
  /** Longest line, without its newline. Bytes; default 65,536. */
  readonly maxBytes?: number
}

/** Bytes of a line. Source: spec, flat-line. */
export const MAX_LINE_BYTES = 65_536

/** The record as one line, without the newline. */
export function toFlatLine(
  record: LogRecord,
  resource: Resource,
  scope: InstrumentationScope,
  options: FlatLineOptions = {},
): string {
  const { line = 'full', maxBytes = MAX_LINE_BYTES } = options
  const entries = flatEntries(record, resource, scope, options)
  return lineOf(line === 'full' ? entries : entries.filter(([name]) => isMinimal(name, record)), maxBytes)
}

const MINIMAL_KEYS: ReadonlySet<string> = new Set([
  'timestamp',
  'time_ns',
  'trace_id',
  'service',
  'level',
  'message',
  'method',
  'path',
  'response_time_ms',
  'cache_hit',
  'error_type',
  'error_message',
  'truncated',
])
const COMPLETION_EVENTS: ReadonlySet<string> = new Set([
  key.EVENT_HTTP_SERVER_END,
  key.EVENT_LB_END,
  key.EVENT_CACHE_END,
  key.EVENT_MESSAGE_END,
])

/** A completion record's message only repeats its other keys. */
function isMinimal(name: string, record: LogRecord): boolean {
  return MINIMAL_KEYS.has(name) && !(name === 'message' && COMPLETION_EVENTS.has(record.eventName))
}

/** Keys and values of the full line, in order, no key twice. */
export function flatEntries(
  record: LogRecord,
  resource: Resource,
  scope: InstrumentationScope,
  options: FlatLineOptions = {},
): FlatEntry[] {
  const entries: FlatEntry[] = []
  const used = new Set<string>()
  const put: Put = (name, value) => {
    if (used.has(name)) return
    used.add(name)
    entries.push([name, value])
  }
  const attributes = flattenAttributes(record.attributes)
  putHead(record, attributes, put, { resource, hasTimeNs: options.hasTimeNs === true })
  putPlaced(attributes, PLACED_KEYS, put)
  if (record.eventName !== '') put('event', record.eventName)
  putPlaced(attributes, ERROR_KEYS, put)
  if (scope.name !== '') put('logger', scope.name)
  putPlaced(attributes, RECORD_KEYS, put)
  putOthers(record, attributes, put)
  for (const name of options.resourceKeys ?? RESOURCE_KEYS) {
    const value = resource.attributes[name]
    if (value !== undefined) put(name, toFlatValue(value))
  }
  if (record.droppedAttributesCount > 0) put('dropped_attributes', record.droppedAttributesCount)
  return entries
}

type Put = (name: string, value: FlatValue) => void

/** Flat values by the name of their attribute, in the record's order. */
type FlatAttributes = ReadonlyMap<string, FlatValue>

function putHead(
  record: LogRecord,
  attributes: FlatAttributes,
  put: Put,
  { resource, hasTimeNs }: { readonly resource: Resource; readonly hasTimeNs: boolean },
): void {
  const { timeUnixNano, observedTimeUnixNano, eventName } = record
  const time = timeUnixNano === 0n ? observedTimeUnixNano : timeUnixNano
  put('timestamp', formatTimestamp(time))
  if (hasTimeNs) put('time_ns', String(time))
  const traceId = record.traceId || textOf(attributes.get(key.ATTR_FOREIGN_TRACE_ID))
  if (traceId !== '') put('trace_id', traceId)
  const spanId = record.spanId || textOf(attributes.get(key.ATTR_FOREIGN_SPAN_ID))
  if (spanId !== '') put('span_id', spanId)
  if (record.traceId !== '' || record.traceFlags !== 0) put('trace_flags', formatFlags(record.traceFlags))
  const service = textOf(resource.attributes[key.ATTR_SERVICE_NAME])
  if (service !== '') put('service', service)
  putLevel(record, put)
  // A body without a value is none: the Collector writes `{}` for both.
  if (record.body !== undefined && record.body !== null) put('message', textOf(record.body))
  else if (eventName !== '') put('message', eventName)
}

function putLevel({ severityNumber, severityText }: LogRecord, put: Put): void {
  const level = levelOfSeverity(severityOf(severityNumber, severityText))
  put('level', level)
  if (severityText !== '' && severityText.toUpperCase() !== level) put('severity_text', severityText)
}

function putPlaced(attributes: FlatAttributes, placed: readonly (readonly [string, string])[], put: Put): void {
  for (const [name, attribute] of placed) {
    const value = placedValue(attributes, attribute)
    if (value !== undefined) put(name, key.DOUBLE_KEYS.has(attribute) ? millis(value) : value)
  }
}

function placedValue(attributes: FlatAttributes, attribute: string): FlatValue | undefined {
  const value = attributes.get(attribute)
  if (attribute === key.ATTR_ERROR_TYPE) return value === undefined ? attributes.get(key.ATTR_EXCEPTION_TYPE) : value
  if (attribute !== key.ATTR_HTTP_REQUEST_METHOD || value !== '_OTHER') return value
  return attributes.get(key.ATTR_HTTP_REQUEST_METHOD_ORIGINAL) ?? value
}

/** At least 0, at most three decimals. */
function millis(value: FlatValue): FlatValue {
  return typeof value === 'number' ? Math.max(Math.round(value * 1000) / 1000, 0) : value
}

const PLACED: ReadonlySet<string> = new Set([...PLACED_KEYS, ...ERROR_KEYS, ...RECORD_KEYS].map(([, name]) => name))

function putOthers(record: LogRecord, attributes: FlatAttributes, put: Put): void {
  for (const [name, value] of attributes) {
    if (PLACED.has(name) || isSaid(name, value, record, attributes)) continue
    put(FLAT_KEY_BY_ATTRIBUTE.get(name) ?? keyOfAttribute(name), key.DOUBLE_KEYS.has(name) ? millis(value) : value)
  }
}

/** Whether another key says the same already. */
function isSaid(name: string, value: FlatValue, record: LogRecord, attributes: FlatAttributes): boolean {
  switch (name) {
    case key.ATTR_EVENT_NAME:
      return value === record.eventName
    case key.ATTR_EXCEPTION_TYPE:
      return !attributes.has(key.ATTR_ERROR_TYPE) || attributes.get(key.ATTR_ERROR_TYPE) === value
    case key.ATTR_HTTP_REQUEST_METHOD_ORIGINAL:
      return attributes.get(key.ATTR_HTTP_REQUEST_METHOD) === '_OTHER'
    case key.ATTR_FOREIGN_TRACE_ID:
      return record.traceId === ''
    case key.ATTR_FOREIGN_SPAN_ID:
      return record.spanId === ''
    default:
      return false
  }
}
