/**
 * The OpenTelemetry Logs API, ours: each record goes straight to the emitter, no batch processor in between.
 *
 * Set as the global of both generations: `logs` of @opentelemetry/api 1.10 and of @opentelemetry/api-logs (2.x), which look
 * for their provider in different places. Nothing here throws into the application.
 */
import {
  type Context,
  type Logger,
  type LoggerOptions,
  type LoggerProvider,
  type LogRecord,
  logs,
} from '@opentelemetry/api'

import type { AnyValue, Attributes } from '../model/any-value.ts'
import { safeMessage } from '../model/js-object.ts'
import { convertAttributes, toAnyValue } from '../model/js-value.ts'
import type { InstrumentationScope } from '../model/log-record.ts'
import { addException } from './exception.ts'
import type { RecordEmitter, RecordInput } from './record-emitter.ts'
import { timeOfInput } from './time-input.ts'

/** Where @opentelemetry/api-logs looks. Its getter is asked for version 1. */
const LEGACY_LOGS = Symbol.for('io.opentelemetry.js.api.logs')
/** Loggers kept for reuse; beyond, they are made anew. */
const MAX_LOGGERS = 1000

type LegacyGlobal = { [LEGACY_LOGS]?: (version: number) => LoggerProvider | undefined }

export function createLoggerProvider(records: RecordEmitter): LoggerProvider {
  const loggers = new Map<string, Logger>()
  return {
    getLogger(name, version = '', options = {}) {
      const scope = scopeOf(name, version, options)
      const key = JSON.stringify([scope.name, scope.version, scope.attributes], bigintAsText)
      let logger = loggers.get(key)
      if (logger === undefined) {
        logger = createLogger(records, scope)
        if (loggers.size < MAX_LOGGERS) loggers.set(key, logger)
      }
      return logger
    },
  }
}

/**
 * Makes the provider the one that `logs.getLogger()` of both API generations finds. A provider that the application has
 * set before stays.
 *
 * @returns takes it back
 */
export function setGlobalLoggerProvider(provider: LoggerProvider): () => void {
  const legacy = globalThis as LegacyGlobal
  const getter = (version: number): LoggerProvider | undefined => (version === 1 ? provider : undefined)
  legacy[LEGACY_LOGS] ??= getter
  const isOurs = logs.setGlobalLoggerProvider(provider)
  return () => {
    if (legacy[LEGACY_LOGS] === getter) delete legacy[LEGACY_LOGS]
    if (isOurs) logs.disable()
  }
}

function scopeOf(name: unknown, version: string, options: LoggerOptions): InstrumentationScope {
  // The specification: a missing name is the empty one, and no reason to refuse.
  const scope = { name: typeof name === 'string' ? name : '', version: typeof version === 'string' ? version : '' }
  return options?.attributes === undefined
    ? scope
    : { ...scope, attributes: convertAttributes(options.attributes).attributes }
}

function createLogger(records: RecordEmitter, scope: InstrumentationScope): Logger {
  return {
    enabled: (options) =>
      records.judge(severityOf(options?.severityNumber), scope.name, contextOf(options?.context)) !== 'drop',
    emit(record) {
      const severityNumber = severityOf(read(record, 'severityNumber'))
      const at = records.levels.isHolding ? contextOf(read(record, 'context')) : undefined
      const verdict = records.judge(severityNumber, scope.name, at)
      if (verdict !== 'drop') records.emit(inputOf(record, severityNumber), scope, verdict)
    },
  }
}

function inputOf(record: LogRecord, severityNumber: number): RecordInput {
  const { attributes, droppedAttributesCount } = attributesOf(record)
  return {
    severityNumber,
    attributes,
    droppedAttributesCount,
    ...optional('severityText', textOf(read(record, 'severityText'))),
    ...optional('eventName', textOf(read(record, 'eventName'))),
    ...optional('body', toAnyValue(read(record, 'body'))),
    ...optional('timeUnixNano', timeOfInput(read(record, 'timestamp'))),
    ...optional('observedTimeUnixNano', timeOfInput(read(record, 'observedTimestamp'))),
    ...optional('context', contextOf(read(record, 'context'))),
  }
}

/** A field whose getter throws is told by that: the rest of the record arrives. */
function read(record: LogRecord, key: keyof LogRecord): unknown {
  try {
    return record[key]
  } catch (error) {
    return safeMessage(error)
  }
}

function textOf(value: unknown): string | undefined {
  const converted = toAnyValue(value)
  if (typeof converted === 'object') return undefined
  return converted === undefined ? undefined : String(converted)
}

function contextOf(value: unknown): Context | undefined {
  return typeof (value as Context | undefined)?.getValue === 'function' ? (value as Context) : undefined
}

/** The API's own attributes win over what the exception says: they were written by hand. */
function attributesOf(record: LogRecord): { attributes: Attributes; droppedAttributesCount: number } {
  const given = read(record, 'attributes')
  const converted = typeof given === 'object' && given !== null ? convertAttributes(given) : NONE
  const exception = read(record, 'exception')
  if (exception === undefined || exception === null) return converted
  const attributes: Record<string, AnyValue> = {}
  if (typeof exception === 'object') addException(attributes, exception)
  else attributes['exception.message'] = toAnyValue(exception) ?? ''
  return {
    attributes: Object.assign(attributes, converted.attributes),
    droppedAttributesCount: converted.droppedAttributesCount,
  }
}

const NONE = { attributes: Object.freeze({}), droppedAttributesCount: 0 }

function severityOf(value: unknown): number {
  return typeof value === 'number' && value >= 0 && value <= 24 ? Math.trunc(value) : 0
}

function optional<K extends string, V>(key: K, value: V | undefined): { [P in K]?: V } {
  return value === undefined ? {} : ({ [key]: value } as { [P in K]?: V })
}

function bigintAsText(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? `${value}n` : value
}
