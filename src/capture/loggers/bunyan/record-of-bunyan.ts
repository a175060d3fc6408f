/**
 * One record of bunyan's as ours: body, attributes, exception, time. Reads, never writes.
 *
 * bunyan's record is made of data: getters of the caller's object have run. Values with code of the application in them are taken from
 * the line that bunyan has made.
 */
import { stripVTControlCharacters } from 'node:util'

import type { AnyValue } from '../../../model/any-value.ts'
import { readField } from '../../../model/js-object.ts'
import { convertAttributes, toAnyValue } from '../../../model/js-value.ts'
import { ATTR_CODE_FILE_PATH, ATTR_CODE_FUNCTION_NAME, ATTR_CODE_LINE_NUMBER } from '../../../model/semconv.ts'
import { timeOfValue } from '../../../model/time.ts'
import { addException, isErrorLike } from '../../../record/exception.ts'
import { copyOwnData } from '../../../record/own-data.ts'
import type { RecordInput } from '../../../record/record-emitter.ts'
import { codeIn, MAX_CODE_DEPTH } from '../code-in-value.ts'
import type { BunyanRecord } from './bunyan-types.ts'
import type { Emission } from './emission.ts'
import { TRACE_KEYS } from './trace-fields.ts'

type Fields = Record<string, unknown>
export type BunyanInput = Omit<RecordInput, 'severityNumber' | 'severityText'>

const ERROR_KEYS = ['err', 'error', 'cause'] as const
/** What bunyan sets itself, over the caller's. */
const ENVELOPE: ReadonlySet<string> = new Set(['level', 'msg', 'v'])

/** @param hasTrace  the ids of the trace are ours */
export function recordOfBunyan(record: BunyanRecord, emission: Emission, hasTrace: boolean): BunyanInput {
  const fields = fieldsOf(record, emission, hasTrace)
  const timeUnixNano = timeOfValue(fields['time'])
  if (timeUnixNano !== undefined) delete fields['time']
  const code = emission.logger.src ? takeSource(fields) : {}
  const error = takeError(fields)
  const { attributes, droppedAttributesCount } = convertAttributes(fields)
  const told: Record<string, AnyValue> = {}
  if (error !== undefined) addException(told, error)
  const body = toAnyValue(bodyOf(record['msg'], error))
  return {
    // Before the fields: a record that is too long loses its last attributes first.
    attributes: { ...told, ...code, ...attributes },
    droppedAttributesCount,
    ...(body === undefined ? {} : { body }),
    ...(timeUnixNano === undefined ? {} : { timeUnixNano, isTimeCut: true }),
  }
}

/** Whether a field of the logger's own envelope is the logger's, or was given by the caller. */
export function isOfLogger(record: BunyanRecord, own: BunyanRecord, key: string): boolean {
  return record[key] === own[key]
}

/** The logger's name, process and host: told by scope and resource. */
export const LOGGER_KEYS = ['name', 'pid', 'hostname'] as const

function fieldsOf(record: BunyanRecord, emission: Emission, hasTrace: boolean): Fields {
  const fields: Fields = {}
  const read = createReader(record, emission)
  for (const key of Object.keys(record)) {
    if (ENVELOPE.has(key) || (hasTrace && (TRACE_KEYS as readonly string[]).includes(key))) continue
    if ((LOGGER_KEYS as readonly string[]).includes(key) && isOfLogger(record, emission.logger.fields, key)) continue
    Object.defineProperty(fields, key, { value: read(key), enumerable: true, configurable: true, writable: true })
  }
  return fields
}

function createReader(record: BunyanRecord, { line }: Emission): (key: string) => unknown {
  let parsed: Fields | undefined
  return (key) => {
    const value = record[key]
    if (typeof value !== 'object' || value === null) return value
    const code = codeIn(value)
    if (code === undefined) return value
    parsed ??= parse(line)
    if (Object.hasOwn(parsed, key)) return parsed[key]
    // Nobody has called a `toJSON` where all streams are raw: `model/js-value.ts` does.
    return code === 'toJSON' ? value : copyOwnData(value, MAX_CODE_DEPTH)
  }
}

function parse(line: string | undefined): Fields {
  try {
    return line === undefined ? {} : (JSON.parse(line) as Fields)
  } catch {
    return {}
  }
}

/** What `src: true` adds. */
function takeSource(fields: Fields): Record<string, AnyValue> {
  const { src } = fields
  if (typeof src !== 'object' || src === null) return {}
  const [file, line, name] = ['file', 'line', 'func'].map((key) => readField(src, key))
  if (typeof file !== 'string' || typeof line !== 'number') return {}
  delete fields['src']
  return {
    [ATTR_CODE_FILE_PATH]: file,
    [ATTR_CODE_LINE_NUMBER]: line,
    ...(typeof name === 'string' ? { [ATTR_CODE_FUNCTION_NAME]: name } : {}),
  }
}

/** The Error itself where nothing serializes it, else what the serializer made of it. */
function takeError(fields: Fields): object | undefined {
  for (const key of ERROR_KEYS) {
    const value = fields[key]
    if (!isErrorLike(value)) continue
    delete fields[key]
    return value
  }
  return undefined
}

/** bunyan 1.8.0 gives an error alone no message. */
function bodyOf(message: unknown, error: object | undefined): unknown {
  if (message === '' && error !== undefined) return readField(error, 'message') || readField(error, 'name')
  return typeof message === 'string' && message.includes('\u001B') ? stripVTControlCharacters(message) : message
}
