/**
 * What record does a flat JSON line stand for? Lines of ours, and lines of others that look like them.
 *
 * Keys that are not in the specification's table are attributes. Never throws.
 */
import { type AnyValue, setField } from './any-value.ts'
import { ATTRIBUTE_BY_FLAT_KEY, attributeOfKey, RESOURCE_KEYS } from './flat-keys.ts'
import type { InstrumentationScope, LogRecord, Resource } from './log-record.ts'
import * as key from './semconv.ts'
import { levelOfSeverity, severityOfLevelName } from './severity.ts'
import { timeOfValue } from './time.ts'
import { isSpanId, isTraceId } from './trace-context.ts'

export interface FlatRecord {
  readonly record: LogRecord
  readonly resource: Resource
  readonly scope: InstrumentationScope
}

export interface ReadFlatLineOptions {
  /** When the line was read. Nanoseconds since the epoch; default: the line's own time. */
  readonly observedTimeUnixNano?: bigint
}

type Fields = Record<string, AnyValue>

/**
 * Reads one line, with or without its newline.
 *
 * @returns `undefined` for what is not one JSON object: a blank line, a line cut off, another program's text
 */
export function parseFlatLine(line: string, options: ReadFlatLineOptions = {}): FlatRecord | undefined {
  const text = line.trim()
  if (!text.startsWith('{') || !text.endsWith('}')) return undefined
  let fields: unknown
  try {
    fields = JSON.parse(text)
  } catch {
    return undefined
  }
  return recordOfFields(fields as Fields, options)
}

/** The same of fields that are read already: of a line of ours, or what line-shapes/ made of another program's. */
export function recordOfFields(fields: Readonly<Fields>, options: ReadFlatLineOptions = {}): FlatRecord {
  const taken = new Set<string>()
  const attributes: Fields = {}
  const resource: Fields = {}
  const text = (name: string): string => {
    const value = own(fields, name)
    if (typeof value !== 'string') return ''
    taken.add(name)
    return value
  }
  const time = timeOfLine(fields, taken)
  const eventName = text('event')
  const service = text('service')
  if (service !== '') resource[key.ATTR_SERVICE_NAME] = service
  const traceId = id(text('trace_id'), isTraceId, { attributes, foreign: key.ATTR_FOREIGN_TRACE_ID })
  const spanId = id(text('span_id'), isSpanId, { attributes, foreign: key.ATTR_FOREIGN_SPAN_ID })
  const record = {
    timeUnixNano: time,
    observedTimeUnixNano: options.observedTimeUnixNano ?? time,
    ...severityOfLine(text('level'), text('severity_text')),
    eventName,
    body: bodyOf(own(fields, 'message'), eventName),
    traceId,
    spanId,
    traceFlags: Number.parseInt(text('trace_flags'), 16) & 0xff,
    droppedAttributesCount: countOf(own(fields, 'dropped_attributes'), taken),
    attributes,
  }
  taken.add('message')
  const scope = { name: text('logger'), version: '' }
  for (const [name, value] of Object.entries(fields)) {
    if (!taken.has(name)) keep(name, value, attributes, resource)
  }
  setExceptionType(attributes)
  return { record, resource: { attributes: resource }, scope }
}

function own(fields: Readonly<Fields>, name: string): AnyValue | undefined {
  return Object.hasOwn(fields, name) ? fields[name] : undefined
}

/** `time_ns` to the nanosecond, else `timestamp`; one that does not parse stays an attribute. */
function timeOfLine(fields: Readonly<Fields>, taken: Set<string>): bigint {
  const nano = own(fields, 'time_ns')
  const exact = typeof nano === 'string' && /^\d{1,20}$/.test(nano) ? BigInt(nano) : undefined
  if (exact !== undefined) taken.add('time_ns')
  const stated = timeOfValue(own(fields, 'timestamp'))
  if (stated !== undefined) taken.add('timestamp')
  return exact ?? stated ?? 0n
}

/** Another system's id is kept, as text. */
function id(
  text: string,
  isValid: (id: string) => boolean,
  kept: { readonly attributes: Fields; readonly foreign: string },
): string {
  if (text === '' || isValid(text)) return text
  kept.attributes[kept.foreign] = text
  return ''
}

function severityOfLine(level: string, text: string): { severityNumber: number; severityText: string } {
  const coarse = severityOfLevelName(level)
  if (text === '') return { severityNumber: coarse ?? 0, severityText: level }
  const fine = severityOfLevelName(text)
  // The word tells the number within the range, unless it contradicts it.
  const isFiner = fine !== undefined && (coarse === undefined || levelOfSeverity(fine) === levelOfSeverity(coarse))
  return { severityNumber: isFiner ? fine : (coarse ?? 0), severityText: text }
}

/** A message that only repeats the event's name stands for no body. */
function bodyOf(message: AnyValue | undefined, eventName: string): AnyValue | undefined {
  return eventName !== '' && message === eventName ? undefined : message
}

function countOf(value: AnyValue | undefined, taken: Set<string>): number {
  if (typeof value !== 'number' || !Number.isInteger(value) || value < 0 || value > 0xffff_ffff) return 0
  taken.add('dropped_attributes')
  return value
}

const RESOURCE: ReadonlySet<string> = new Set(RESOURCE_KEYS)

function keep(name: string, value: AnyValue, attributes: Fields, resource: Fields): void {
  if (RESOURCE.has(name)) resource[name] = value
  else setField(attributes, ATTRIBUTE_BY_FLAT_KEY.get(name) ?? attributeOfKey(name), value)
}

/** With a stack it was an exception: its class is the error's type unless the line says otherwise. */
function setExceptionType(attributes: Fields): void {
  const type = attributes[key.ATTR_ERROR_TYPE]
  const hasStack = attributes[key.ATTR_EXCEPTION_STACKTRACE] !== undefined
  const isSaid = attributes[key.ATTR_EXCEPTION_TYPE] !== undefined
  if (hasStack && typeof type === 'string' && !isSaid) attributes[key.ATTR_EXCEPTION_TYPE] = type
}
