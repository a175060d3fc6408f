/**
 * The OpenTelemetry Logs API, ours: each record goes straight to the emitter, no batch processor in between.
 *
 * Set as the global of both generations: `logs` of @opentelemetry/api 1.10 and of @opentelemetry/api-logs (2.x), which look
 * for their provider in different places. Nothing here throws into the application.
 */
import {
  context,
  type Context,
  type Logger,
  type LoggerOptions,
  type LoggerProvider,
  type LogRecord,
  logs,
} from '@opentelemetry/api'

import { unitOf } from '../context/request-unit.ts'
import { guarded } from '../diag/guarded.ts'
import type { AnyValue, Attributes } from '../model/any-value.ts'
import { safeMessage } from '../model/js-object.ts'
import { convertAttributes, toAnyValue } from '../model/js-value.ts'
import type { InstrumentationScope } from '../model/log-record.ts'
import { addException } from './exception.ts'
import { FieldRoles } from './field-roles.ts'
import type { PlainInput, RecordEmitter, RecordInput } from './record-emitter.ts'
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
    enabled(options) {
      const { levels } = records
      const unit = levels.isHolding ? unitOf(contextOf(options?.context) ?? context.active()) : undefined
      return levels.isWanted(severityOf(options?.severityNumber), scope.name, unit)
    },
    emit: guarded('the Logs API', (record: LogRecord) => {
      const severityNumber = severityOf(read(record, 'severityNumber'))
      const at = records.levels.isHolding ? contextOf(read(record, 'context')) : undefined
      const verdict = records.judge(severityNumber, scope.name, at)
      if (verdict === 'drop') return
      const given = givenOf(record, severityNumber)
      if (!tookPlain(given, (plain) => records.emitPlain(plain, scope, verdict)))
        records.emit(inputOf(given), scope, verdict)
    }),
  }
}

/** All that the caller's object holds: each field is read once. */
interface Given {
  readonly severityNumber: number
  readonly severityText: unknown
  readonly eventName: unknown
  readonly body: unknown
  readonly attributes: unknown
  readonly exception: unknown
  readonly timestamp: unknown
  readonly observedTimestamp: unknown
  readonly context: unknown
}

function givenOf(record: LogRecord, severityNumber: number): Given {
  return {
    severityNumber,
    severityText: read(record, 'severityText'),
    eventName: read(record, 'eventName'),
    body: read(record, 'body'),
    attributes: read(record, 'attributes'),
    exception: read(record, 'exception'),
    timestamp: read(record, 'timestamp'),
    observedTimestamp: read(record, 'observedTimestamp'),
    context: read(record, 'context'),
  }
}

const ANY_KEY = Symbol('any')
const ROLES = new FieldRoles()
const NO_FIELDS = Object.freeze({})

/** False: nothing of it was taken. What cannot even be looked at (a revoked Proxy) is for who reads field by field. */
function tookPlain(given: Given, take: (plain: PlainInput) => boolean): boolean {
  try {
    const plain = plainOf(given)
    return plain !== undefined && take(plain)
  } catch {
    return false
  }
}

/** @returns `undefined` for what is surely more than a text and plain fields */
function plainOf(given: Given): PlainInput | undefined {
  const { severityNumber, severityText = '', eventName, body, attributes = NO_FIELDS, exception } = given
  if (typeof body !== 'string' || typeof severityText !== 'string' || eventName !== undefined) return undefined
  if (typeof attributes !== 'object' || attributes === null || Array.isArray(attributes)) return undefined
  if ((exception !== undefined && exception !== null) || given.observedTimestamp !== undefined) return undefined
  return {
    severityNumber,
    severityText,
    body,
    fields: attributes,
    roles: ROLES,
    mayHaveGetters: true,
    timeUnixNano: timeOfInput(given.timestamp),
    context: contextOf(given.context),
  }
}

function inputOf(given: Given): RecordInput {
  const { attributes, droppedAttributesCount } = attributesOf(given)
  return {
    severityNumber: given.severityNumber,
    attributes,
    droppedAttributesCount,
    ...optional('severityText', textOf(given.severityText)),
    ...optional('eventName', textOf(given.eventName)),
    ...optional('body', toAnyValue(given.body)),
    ...optional('timeUnixNano', timeOfInput(given.timestamp)),
    ...optional('observedTimeUnixNano', timeOfInput(given.observedTimestamp)),
    ...optional('context', contextOf(given.context)),
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

/** What cannot be asked is no context. */
function contextOf(value: unknown): Context | undefined {
  if (value === undefined) return undefined
  try {
    ;(value as Context).getValue(ANY_KEY)
    return value as Context
  } catch {
    return undefined
  }
}

/** The API's own attributes win over what the exception says: they were written by hand. */
function attributesOf({ attributes: given, exception }: Given): Converted {
  const converted = typeof given === 'object' && given !== null ? convertAttributes(given) : NONE
  if (exception === undefined || exception === null) return converted
  const attributes: Record<string, AnyValue> = {}
  if (typeof exception === 'object') addException(attributes, exception)
  else attributes['exception.message'] = toAnyValue(exception) ?? ''
  return {
    attributes: Object.assign(attributes, converted.attributes),
    droppedAttributesCount: converted.droppedAttributesCount,
  }
}

interface Converted {
  readonly attributes: Attributes
  readonly droppedAttributesCount: number
}

const NONE: Converted = { attributes: Object.freeze({}), droppedAttributesCount: 0 }

function severityOf(value: unknown): number {
  return typeof value === 'number' && value >= 0 && value <= 24 ? Math.trunc(value) : 0
}

function optional<K extends string, V>(key: K, value: V | undefined): { [P in K]?: V } {
  return value === undefined ? {} : ({ [key]: value } as { [P in K]?: V })
}

function bigintAsText(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? `${value}n` : value
}
