/**
 * What the bridge keeps of one logger, and the questions it asks about it while a record passes through.
 */
import type { Context } from '@opentelemetry/api'

import { createSeverityTable, SEVERITY_INFO, severityOfLevelName } from '../../../model/severity.ts'
import { callerFieldsOf, NO_FIELDS, type CallerFields } from './caller-fields.ts'
import type { InfoTrace } from './transport-formats.ts'
import { SPLAT, type WinstonInfo, type WinstonLevels, type WinstonLogger } from './winston-types.ts'

export const STATE: unique symbol = Symbol.for('org.tracelog.winston.logger') as never

/** One copy of winston, heard until it is undone. */
export interface Hearing {
  isOn: boolean
}

export interface LoggerState {
  readonly logger: WinstonLogger
  readonly hearing: Hearing
  /** The id in `winston.loggers`. */
  readonly name: string | undefined
  /** Contexts of calls whose info waits in the stream, in order. */
  contexts: Map<object, Context[]> | undefined
  /** The info whose format runs now, with what the format may take from it. */
  prepared: WinstonInfo | undefined
  message: unknown
  splat: readonly unknown[]
  caller: CallerFields
  /** What transports are being given right now. */
  trace: InfoTrace | undefined
  /** Infos that have their record and wait in the stream to be given to transports. */
  readonly waiting: WeakMap<object, number>
}

export type TrackedLogger = WinstonLogger & { [STATE]?: LoggerState }

const NO_SPLAT: readonly unknown[] = []

export function createLoggerState(logger: WinstonLogger, name: string | undefined, hearing: Hearing): LoggerState {
  return {
    logger,
    hearing,
    name,
    contexts: undefined,
    prepared: undefined,
    message: undefined,
    splat: NO_SPLAT,
    caller: NO_FIELDS,
    trace: undefined,
    waiting: new WeakMap(),
  }
}

/** Whether the next write is kept for later instead of being formatted at once. */
export function willWait(logger: WinstonLogger): boolean {
  const { _writableState: writable, _readableState: readable, _transformState: transform } = logger
  if (writable.writing || writable.corked > 0) return true
  return !(transform.needTransform || readable.needReadable || readable.length < readable.highWaterMark)
}

/** Remembers what the application's format may change: the splat format empties its list. */
export function prepare(state: LoggerState, info: WinstonInfo): void {
  state.prepared = info
  state.message = undefined
  state.splat = NO_SPLAT
  state.caller = NO_FIELDS
  try {
    state.message = info['message']
    state.caller = callerFieldsOf(info)
    const splat = info[SPLAT]
    if (Array.isArray(splat) && splat.length > 0) state.splat = splat.slice() as unknown[]
  } catch {
    // A getter that throws: it will throw again where winston reads it.
  }
}

export function rememberContext(state: LoggerState, info: unknown, context: Context): void {
  if (typeof info !== 'object' || info === null) return
  const contexts = (state.contexts ??= new Map())
  const waiting = contexts.get(info)
  if (waiting === undefined) contexts.set(info, [context])
  else waiting.push(context)
}

export function takeContext(state: LoggerState, info: object | null): Context | undefined {
  if (state.contexts === undefined || info === null) return undefined
  const waiting = state.contexts.get(info)
  const first = waiting?.shift()
  if (waiting?.length === 0) state.contexts.delete(info)
  return first
}

const tables = new WeakMap<WinstonLevels, ReadonlyMap<string, number>>()

/** The SeverityNumber of a level in the logger's own order. */
export function severityIn(levels: WinstonLevels, level: string): number {
  const known = severityOfLevelName(level)
  if (known !== undefined) return known
  let table = tables.get(levels)
  if (table === undefined) {
    table = createSeverityTable(levels)
    tables.set(levels, table)
  }
  return table.get(level) ?? SEVERITY_INFO
}
