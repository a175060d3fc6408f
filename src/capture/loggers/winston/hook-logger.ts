/**
 * Where the bridge touches winston: taps that have returned before anything else runs.
 *
 * No function of ours is ever on the stack while winston, the application's formats or its transports work, so that no
 * stack that the application prints shows one (an error thrown in a format would lose the application's own line to it:
 * V8 keeps ten). Therefore nothing is wrapped:
 * - `write` is an accessor on Logger.prototype: it notes a new logger, and gives winston's own `write` to the caller, or
 *   one that also notes the context when the stream will keep the info for later (then no foreign code runs inside);
 * - `silent` is an accessor (silent-accessor.ts): winston reads it first in `_transform`, before the format;
 * - a first `data` listener, and `push` of the stream's buffer, see each info after the format and before any transport;
 * - `debug` and its like are exchanged, once nobody takes the level, for a function that does nothing but for requests whose lines
 *   are held; the first call after the level has changed puts winston's own back.
 */
import { guardedQuestion, safely } from '../../../diag/guarded.ts'
import {
  createLoggerState,
  prepare,
  STATE,
  willWait,
  type Hearing,
  type LoggerState,
  type TrackedLogger,
} from './logger-state.ts'
import { nameOfLogger } from './scope-names.ts'
import { watchSilentOf, watchSilentOn } from './silent-accessor.ts'
import type { WinstonBridge } from './winston-bridge.ts'
import { LEVEL, type WinstonInfo, type WinstonLogger, type WinstonLoggerClass } from './winston-types.ts'

const HOOKED: unique symbol = Symbol.for('org.tracelog.winston.hooked') as never
type LevelMethod = (this: unknown, ...args: unknown[]) => unknown

/**
 * Begins to hear all loggers of one copy of winston, those made before too.
 *
 * @returns ends it, or `undefined` when it is heard already
 */
export function hookLogger(Logger: WinstonLoggerClass, bridge: WinstonBridge): (() => void) | undefined {
  const prototype = Logger.prototype as WinstonLogger & { [HOOKED]?: boolean }
  if (prototype[HOOKED] === true) return undefined
  Object.defineProperty(prototype, HOOKED, { value: true, configurable: true })
  const { write } = prototype
  const isStoppedSafely = guardedQuestion('winston', (state: LoggerState) => isStopped(state, bridge))
  const hearing: Hearing = { isOn: true, isStopped: (state) => isStoppedSafely(state) === true }
  const descriptor = Object.getOwnPropertyDescriptor(prototype, 'write')

  function writeLater(this: TrackedLogger, info: WinstonInfo, ...rest: unknown[]): boolean {
    const state = this[STATE]
    if (state !== undefined) safely('winston', () => bridge.onWaiting(state, info))
    return write.call(this, info, ...rest)
  }

  function writeOf(logger: TrackedLogger): WinstonLogger['write'] {
    if (logger._transformState === undefined) return write
    const known = logger[STATE]
    const state = known?.hearing === hearing ? known : track(logger, bridge, hearing)
    if (willWait(logger)) return writeLater
    state.prepared = undefined
    state.waiting = undefined
    return write
  }

  const writeSafely = guardedQuestion('winston', writeOf)
  Object.defineProperty(prototype, 'write', {
    configurable: true,
    enumerable: false,
    get(this: TrackedLogger) {
      return writeSafely(this) ?? write
    },
    set(this: object, value: unknown) {
      Object.defineProperty(this, 'write', { value, configurable: true, enumerable: true, writable: true })
    },
  })
  const unwatch = watchSilentOf(prototype)
  return () => {
    hearing.isOn = false
    unwatch()
    delete prototype[HOOKED]
    if (descriptor === undefined) delete (prototype as { write?: unknown }).write
    else Object.defineProperty(prototype, 'write', descriptor)
  }
}

function track(logger: TrackedLogger, bridge: WinstonBridge, hearing: Hearing): LoggerState {
  const state = createLoggerState(logger, nameOfLogger(logger), hearing)
  Object.defineProperty(logger, STATE, { value: state, configurable: true })
  watchSilentOn(logger)
  watchOutput(logger, state, bridge)
  return state
}

/** Asked by winston at the beginning of `_transform`, and by whoever else reads `logger.silent`. */
function isStopped(state: LoggerState, bridge: WinstonBridge): boolean {
  const { transforming, writechunk: info } = state.logger._transformState
  if (!transforming || info === null || info === state.prepared) return false
  prepare(state, info)
  try {
    const level = info[LEVEL]
    if (typeof level !== 'string' || info['exception'] === true) return false
    if (!bridge.isOff(state, level) || bridge.isHeld(state, level)) return false
    gateLevel(state.logger, level, bridge)
    return true
  } catch {
    return false
  }
}

function watchOutput(logger: WinstonLogger, state: LoggerState, bridge: WinstonBridge): void {
  const { kept, hearing } = state
  // Ours is one more: the warning about too many listeners is to come at the application's own eleventh.
  const max = logger.getMaxListeners()
  if (max > 0) logger.setMaxListeners(max + 1)
  const onData = guardedQuestion('winston', (info: WinstonInfo) => {
    if (!hearing.isOn) return
    const count = typeof info === 'object' && info !== null ? kept.get(info) : undefined
    if (count === undefined) bridge.onFormatted(state, info, false)
    else if (count > 1) kept.set(info, count - 1)
    else kept.delete(info)
  })
  logger.prependListener('data', onData)
  // What does not flow at once is seen when it is kept, in the context of its call.
  const { buffer } = logger._readableState
  const push = buffer.push.bind(buffer)
  buffer.push = (info: WinstonInfo) => {
    push(info)
    if (!hearing.isOn || typeof info !== 'object' || info === null) return
    safely('winston', () => {
      bridge.onFormatted(state, info, true)
      kept.set(info, (kept.get(info) ?? 0) + 1)
    })
  }
}

/**
 * From now on calls of this level do nothing, until somebody takes it again: then winston's own method is put back, and the
 * call goes on to it. Only for a level that was found unwanted: the others stay as winston made them.
 */
function gateLevel(logger: WinstonLogger, level: string, bridge: WinstonBridge): void {
  const prototype = Object.getPrototypeOf(logger) as Record<string, unknown>
  const method: unknown = Object.getOwnPropertyDescriptor(prototype, level)?.value
  if (!isLevelMethod(method)) return
  /** Stays right when it is kept and called after the level has changed. */
  function skip(this: TrackedLogger | undefined): unknown {
    const state = this?.[STATE]
    if (state?.hearing.isOn !== true || !bridge.isOff(state, level)) {
      if (prototype[level] === skip) prototype[level] = method
    } else if (!bridge.isHeld(state, level)) return this
    // A rest parameter would make an array for every call that is skipped.
    // oxlint-disable-next-line prefer-rest-params
    return Reflect.apply(method as LevelMethod, this, arguments)
  }
  prototype[level] = skip
}

/** winston's own, as createLogger makes them; one that the application has put there does what the application wants. */
function isLevelMethod(method: unknown): method is LevelMethod {
  return typeof method === 'function' && Function.prototype.toString.call(method).includes('_addDefaultMeta')
}
