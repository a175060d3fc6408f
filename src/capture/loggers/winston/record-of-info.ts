/**
 * One winston info as a record: body, attributes, exception, time, scope. Reads, never writes; may throw only what
 * `hostile` values make it throw, which its caller catches.
 */
import { stripVTControlCharacters } from 'node:util'

import type { AnyValue } from '../../../model/any-value.ts'
import { isPlain, safeMessage } from '../../../model/js-object.ts'
import { convertAttributes, toAnyValue } from '../../../model/js-value.ts'
import { MAX_ATTRIBUTES } from '../../../model/log-record.ts'
import { ATTR_TRUNCATED } from '../../../model/semconv.ts'
import { addException } from '../../../record/exception.ts'
import type { RecordInput } from '../../../record/record-emitter.ts'
import { formatTime } from './caller-fields.ts'
import {
  otherErrors,
  readField,
  takeException,
  type Fields,
  type FoundException,
  type InfoSource,
} from './info-exception.ts'
import { createCodeTest, createFieldReader } from './info-values.ts'
import { EVENT_NAME_KEY, hasSpecialKey, isMergedMeta } from './plain-info.ts'
import { fillPlaceholders, isSpreadCharacter, type Arguments } from './printf.ts'
import type { WinstonInfo } from './winston-types.ts'

export interface InfoRecord {
  readonly input: Omit<RecordInput, 'severityNumber'>
  /** winston's `label`. */
  readonly label: string | undefined
}

/**
 * The record of an info that is a text and plain fields, perhaps with a time, as nearly all are: one pass, a third of the time.
 *
 * @returns `undefined` for all others
 */
export function recordOfSimpleInfo(
  { info, original, message, caller }: InfoSource,
  splat: readonly unknown[],
): InfoRecord | undefined {
  const runsCode = createCodeTest(info, original)
  const text = runsCode('message') ? undefined : info['message']
  if (typeof text !== 'string' || text.includes('\u001B') || typeof message !== 'string' || original instanceof Error)
    return undefined
  if (splat.length > 0 && !isMergedMeta(message, splat)) return undefined
  if (hasSpecialKey(info)) return undefined
  const { isOwn, timeUnixNano } = formatTime('timestamp' in info ? info['timestamp'] : undefined, caller)
  let isSimple = true
  let looked = 0
  const isSkipped = (key: string): boolean => {
    if (key === 'level' || key === 'message' || (isOwn && key === 'timestamp')) return true
    if (isSimple && looked++ < MAX_ATTRIBUTES) isSimple = !runsCode(key)
    return !isSimple
  }
  const { attributes, droppedAttributesCount } = convertAttributes(info, { isSkipped })
  if (!isSimple) return undefined
  const body = text.length > MAX_PLAIN_TEXT ? (toAnyValue(text) as string) : text.toWellFormed()
  const input = { body, attributes, droppedAttributesCount }
  return { label: undefined, input: timeUnixNano === undefined ? input : { ...input, timeUnixNano } }
}

/** Longer texts are cut where values are. */
const MAX_PLAIN_TEXT = 8192

/** What is not an attribute: it is severity and body. */
export function fieldsOfInfo(info: WinstonInfo, given: Arguments | undefined): Fields {
  const fields: Fields = {}
  try {
    const read = createFieldReader(info)
    for (const key in info) {
      if (key === 'level' || key === 'message' || !Object.hasOwn(info, key)) continue
      setField(fields, key, read(key))
    }
  } catch (error) {
    // A Proxy that does not list its keys.
    fields['value'] = safeMessage(error)
  }
  if (given !== undefined) addArguments(fields, given)
  return fields
}

export interface RecordSource extends InfoSource {
  readonly fields: Fields
  /** The message after all formats that count. */
  readonly text: unknown
  readonly splat: readonly unknown[]
}

export function recordOfInfo(source: RecordSource): InfoRecord {
  const { fields, given } = source
  const exception = takeException(source, fields)
  const label = textIn(fields, 'label')
  if (label !== undefined && label !== source.caller.label) delete fields['label']
  const eventName = textIn(fields, EVENT_NAME_KEY)
  if (eventName !== undefined) delete fields[EVENT_NAME_KEY]
  const { isOwn, timeUnixNano } = formatTime(fields['timestamp'], source.caller)
  if (isOwn) delete fields['timestamp']
  const body = toAnyValue(bodyOf(source, exception))
  if (exception === undefined) addOverwritten(fields, source)
  const args = given === undefined ? [] : [...given.args, ...otherErrors(given, exception)]
  if (args.length > 0) fields['args'] = 'args' in fields ? [fields['args'], ...args] : args
  const converted = convertAttributes(fields)
  const attributes =
    exception === undefined
      ? converted.attributes
      : withException(converted.attributes as Record<string, AnyValue>, exception)
  return {
    label,
    input: {
      attributes,
      droppedAttributesCount: converted.droppedAttributesCount,
      ...(body === undefined ? {} : { body }),
      ...(eventName === undefined ? {} : { eventName }),
      ...(timeUnixNano === undefined ? {} : { timeUnixNano }),
    },
  }
}

function withException(
  attributes: Record<string, AnyValue>,
  { error, options }: FoundException,
): Record<string, AnyValue> {
  const told: Record<string, AnyValue> = {}
  addException(told, error, options)
  // Before the fields: a record that is too long loses its last attributes first.
  return Object.assign(told, attributes)
}

function bodyOf(source: RecordSource, exception: FoundException | undefined): unknown {
  const { text: given, message, splat } = source
  if (typeof given === 'object' && given !== null && given === exception?.error) {
    return readField(given, 'message') || readField(given, 'name') || safeMessage(given)
  }
  if (given === '' && exception !== undefined) return readField(exception.error, 'name')
  if (typeof given !== 'string') return given
  const plain = given.includes('\u001B') ? stripVTControlCharacters(given) : given
  const appended = exception?.appended
  if (appended !== undefined && plain.endsWith(appended)) return plain.slice(0, -appended.length)
  return splat.length === 0 ? plain : fillPlaceholders(message, plain, splat)
}

/** Fields that winston has lost, unless the info has them already. */
function addArguments(fields: Fields, { unmerged, all }: Arguments): void {
  for (const key of Object.keys(fields)) if (isSpreadCharacter(key, fields[key], all)) delete fields[key]
  for (const object of unmerged) {
    for (const key of Object.keys(object)) if (!(key in fields)) setField(fields, key, readSafely(object, key))
  }
}

function textIn(fields: Fields, key: string): string | undefined {
  const value = fields[key]
  return typeof value === 'string' && value !== '' ? value : undefined
}

/**
 * Fields named as winston's own, which it has overwritten or appended to the message: `info('sold', { level: 'gold' })`.
 * A message that the application's format has taken out of the text stays out.
 */
function addOverwritten(fields: Fields, { given, text }: RecordSource): void {
  const first = given?.isFirstMerged === true ? given.all[0] : undefined
  if (typeof first !== 'object' || first === null || !isPlain(first)) return
  for (const key of ['level', 'message']) {
    const value = Object.hasOwn(first, key) ? readSafely(first, key) : undefined
    const isShown = key === 'level' || (typeof text === 'string' && text.includes(String(value)))
    if ((typeof value === 'string' || typeof value === 'number') && isShown) fields[key] = value
  }
}

function readSafely(object: object, key: string): unknown {
  try {
    return (object as Fields)[key]
  } catch (error) {
    return safeMessage(error)
  }
}

function setField(fields: Fields, key: string, value: unknown): void {
  if (key !== '__proto__') fields[key] = value
  else Object.defineProperty(fields, key, { value, enumerable: true, configurable: true, writable: true })
}

/** What is left to say of an info that cannot be read at all. */
export function unreadableRecord(error: unknown): InfoRecord {
  return { label: undefined, input: { body: safeMessage(error), attributes: { [ATTR_TRUNCATED]: true } } }
}

/** A copy of plain objects and lists, so that a format that writes into them changes nothing that will still be printed. */
export function copyPlain(value: unknown, depth = 6): unknown {
  if (typeof value !== 'object' || value === null || depth === 0) return value
  if (Array.isArray(value)) return value.map((item) => copyPlain(item, depth - 1))
  if (!isPlain(value)) return value
  const copy: Fields = {}
  for (const key of Object.keys(value)) setField(copy, key, copyPlain(readSafely(value, key), depth - 1))
  return copy
}
