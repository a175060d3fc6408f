/**
 * What the bridge keeps of one logger, and the questions it asks about it while a record passes through.
 */
import type { Context } from '@opentelemetry/api'

import { createSeverityTable, SEVERITY_INFO, severityOfLevelName } from '../../../model/severity.ts'
import type { Printer } from '../printed-lines.ts'
import { callerFieldsOf, NO_FIELDS, type CallerFields } from './caller-fields.ts'
import type { HeldCall } from './held-calls.ts'
import type { InfoTrace } from './transport-formats.ts'
import {
  isWritingNow,
  somePipe,
  SPLAT,
  type WinstonInfo,
  type WinstonLevels,
  type WinstonLogger,
} from './winston-types.ts'

export const STATE: unique symbol = Symbol.for('org.tracelog.winston.logger') as never

/** One copy of winston, heard until it is undone. */
export interface Hearing {
  isOn: boolean
  /** winston is about to format an info of the logger: whether it need not. */
  readonly isStopped: (state: LoggerState) => boolean
}

/** A call, while winston keeps its info. */
export interface WaitingCall extends HeldCall {
  readonly context: Context
  readonly timeUnixNano: bigint
  /** `formatted`: winston has come to it. `settled`: it had waited too long, and has its record. */
  state: 'waiting' | 'formatted' | 'settled'
}

/** What a format may take from an info, as it was logged. */
export interface LoggedInfo {
  readonly message: unknown
  readonly splat: readonly unknown[]
  readonly caller: CallerFields
}

export interface LoggerState {
  readonly logger: WinstonLogger
  readonly printer: Printer
  readonly hearing: Hearing
  /** The id in `winston.loggers`. */
  readonly name: string | undefined
  /** Calls whose info waits in the stream to be formatted, in order. */
  waiting: Map<object, WaitingCall[]> | undefined
  /** The info whose format runs now, with what the format may take from it. */
  prepared: WinstonInfo | undefined
  logged: LoggedInfo
  /** Its call, where it has waited. */
  call: WaitingCall | undefined
  /** What transports are being given right now. */
  trace: InfoTrace | undefined
  /** Infos that have their record and wait in the stream to be given to transports. */
  readonly kept: WeakMap<object, number>
}

export type TrackedLogger = WinstonLogger & { [STATE]?: LoggerState }

const NO_SPLAT: readonly unknown[] = []
const NOTHING_LOGGED: LoggedInfo = { message: undefined, splat: NO_SPLAT, caller: NO_FIELDS }

export function createLoggerState(logger: WinstonLogger, name: string | undefined, hearing: Hearing): LoggerState {
  return {
    logger,
    printer: { isPrinting: () => somePipe(logger, isWritingNow) },
    hearing,
    name,
    waiting: undefined,
    prepared: undefined,
    logged: NOTHING_LOGGED,
    call: undefined,
    trace: undefined,
    kept: new WeakMap(),
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
  state.logged = loggedOf(info)
  state.call = takeCall(state, info)
  if (state.call?.state === 'waiting') state.call.state = 'formatted'
}

export function loggedOf(info: WinstonInfo): LoggedInfo {
  try {
    const splat = info[SPLAT]
    return {
      // What was copied from arguments is data; the caller's own object may have a getter, which is not ours to run.
      message: SPLAT in info ? info['message'] : Object.getOwnPropertyDescriptor(info, 'message')?.value,
      splat: Array.isArray(splat) && splat.length > 0 ? (splat.slice() as unknown[]) : NO_SPLAT,
      caller: callerFieldsOf(info),
    }
  } catch {
    // A getter that throws: it will throw again where winston reads it.
    return NOTHING_LOGGED
  }
}

export function rememberCall(state: LoggerState, info: object, call: WaitingCall): void {
  const calls = (state.waiting ??= new Map())
  const sameInfo = calls.get(info)
  if (sameInfo === undefined) calls.set(info, [call])
  else sameInfo.push(call)
}

function takeCall(state: LoggerState, info: object): WaitingCall | undefined {
  if (state.waiting === undefined) return undefined
  const calls = state.waiting.get(info)
  const first = calls?.shift()
  if (calls?.length === 0) state.waiting.delete(info)
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
