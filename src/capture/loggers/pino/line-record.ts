/**
 * A finished line of pino as a record: body, attributes, exception, time.
 *
 * Fields come as they were logged, where reading them runs none of the application's code, and from the line otherwise.
 */
import { stripVTControlCharacters, types } from 'node:util'

import { type AnyValue, setField } from '../../../model/any-value.ts'
import { isPlain, readField } from '../../../model/js-object.ts'
import { convertAttributes, toAnyValue } from '../../../model/js-value.ts'
import { addException, isErrorLike } from '../../../record/exception.ts'
import type { RecordInput } from '../../../record/record-emitter.ts'
import { codeIn } from '../code-in-value.ts'
import type { Bindings } from './bindings.ts'
import type { LineTime } from './line-time.ts'
import type { Line } from './line.ts'
import { EVENT_NAME_KEY, isFormatted } from './logger-shape.ts'
import { createWrittenReader, type Fields, type Written } from './written-fields.ts'

/** @param text  the line as pino has written it */
export function recordOfLine(
  line: Line,
  text: string,
  { bindings, time }: { readonly bindings: Bindings; readonly time: LineTime },
): Omit<RecordInput, 'severityNumber'> {
  const {
    logger,
    seat: { shape },
  } = line
  const written = createWrittenReader(line, text)
  const own = fieldsOf(line, written)
  const error = takeError(own, shape.errorKeys)
  const body = takeBody(line, own, written)
  const fields: Fields = {}
  addFields(fields, bindings.fields)
  if (!shape.isNested) addFields(fields, own)
  else if (Object.keys(own).length > 0) addFields(fields, { [String(logger[shape.symbols.nestedKey])]: own })
  const bound = error ?? takeError(fields, shape.errorKeys)
  const { millis, other } = time
  const timeUnixNano = millis === undefined ? time.unixNano : BigInt(millis) * 1_000_000n
  if (other !== undefined && !(other[0] in fields)) fields[other[0]] = other[1]
  const eventName = fields[EVENT_NAME_KEY]
  if (typeof eventName === 'string') delete fields[EVENT_NAME_KEY]
  const { attributes, droppedAttributesCount } = convertAttributes(fields)
  return {
    body: toAnyValue(plainBody(body ?? (bound === undefined ? undefined : readField(bound, 'message')))),
    attributes: bound === undefined ? attributes : withException(attributes as Record<string, AnyValue>, bound),
    droppedAttributesCount,
    ...(typeof eventName === 'string' ? { eventName } : {}),
    ...(timeUnixNano === undefined ? {} : { timeUnixNano, isTimeCut: true }),
  } as Omit<RecordInput, 'severityNumber'>
}

/** What the call and `mixin` gave. */
function fieldsOf({ logger, seat: { shape }, args: [given] }: Line, written: () => Written): Fields {
  if (isFormatted(logger) || types.isProxy(given)) return { ...written().fields }
  const fields: Fields = {}
  for (const key in given) {
    if (!Object.hasOwn(given, key)) continue
    const isLines = shape.isFromLine(key) || isAccessor(given, key) || runsCode((given as Fields)[key])
    const value = isLines ? written().fields[key] : (given as Fields)[key]
    // What redaction has removed stays removed.
    if (value !== undefined) setField(fields as Record<string, AnyValue>, key, value as AnyValue)
  }
  return fields
}

function runsCode(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false
  return types.isProxy(value) || codeIn(value) !== undefined
}

function addFields(target: Fields, source: Fields): void {
  for (const key of Object.keys(source)) {
    setField(target as Record<string, AnyValue>, key, source[key] as AnyValue)
  }
}

function takeBody({ seat: { shape }, args: [, message] }: Line, own: Fields, written: () => Written): unknown {
  const { messageKey, isNested, isFromLine } = shape
  if (message !== undefined) return isFromLine(messageKey) ? written().message : message
  if (isNested) return undefined
  const { [messageKey]: body } = own
  delete own[messageKey]
  return body
}

function plainBody(body: unknown): unknown {
  return typeof body === 'string' && body.includes('\u001B') ? stripVTControlCharacters(body) : body
}

/** The first error under the keys where loggers put one; it is no field then. */
function takeError(fields: Fields, keys: readonly string[]): object | undefined {
  for (const key of keys) {
    const value = fields[key]
    if (!isErrorLike(value)) continue
    delete fields[key]
    return isPlain(value) ? unwritten(value as Fields) : value
  }
  return undefined
}

/** An error as pino writes it has its class under `type`. */
function unwritten({ type, aggregateErrors, ...rest }: Fields): object {
  return {
    ...(typeof type === 'string' ? { name: type } : {}),
    ...rest,
    ...(aggregateErrors === undefined ? {} : { errors: aggregateErrors }),
  }
}

function withException(attributes: Record<string, AnyValue>, error: object): Record<string, AnyValue> {
  const told: Record<string, AnyValue> = {}
  addException(told, error)
  // Before the fields: a record that is too long loses its last attributes first.
  return Object.assign(told, attributes)
}

function isAccessor(object: object, key: string): boolean {
  return Object.getOwnPropertyDescriptor(object, key)?.get !== undefined
}
