/**
 * Accessors on bunyan's Logger, no wrapper: bunyan reads two of its properties where it makes a record and where it writes it.
 *
 *   `_emit`              looked up by every call of a level: the logger is made ready, and what was read before is forgotten
 *   `fields`             assigned when a logger is made: its trace keys are added (trace-fields.ts)
 *   `haveNonRawStreams`  read twice by `_emit` before it writes, and once by `_emit(record, true)`, which writes nothing: at the second
 *                        time the streams get taps (emission.ts)
 *   `_level`             only where levels that are off are heard (hear-all.ts)
 *
 * All have returned before foreign code runs. `streams`, `fields` and `_level` of a logger stay data of its own.
 */
import { guardedQuestion } from '../../../diag/guarded.ts'
import type { BunyanClass, BunyanLogger } from './bunyan-types.ts'

export interface LoggerTaps {
  /** A logger's level method is called: as often as the application logs, wanted or not. */
  readonly onCall: (logger: object) => void
  /** A logger has got its fields. */
  readonly onFields: (fields: object) => void
  /** A logger's record is made. */
  readonly onRecord: () => void
  /** A logger is about to write it to its streams. */
  readonly onWrite: (logger: BunyanLogger) => void
}

/** @returns undoes it; `undefined` when this class is hooked already. @throws when it is no Logger of bunyan 1.8 or 2 */
export function hookLogger(Logger: BunyanClass, taps: LoggerTaps): (() => void) | undefined {
  const prototype: object | undefined = Logger.prototype
  const emit = prototype && Object.getOwnPropertyDescriptor(prototype, '_emit')
  if (prototype === undefined || emit === undefined) throw new Error('it has no Logger with _emit')
  if (emit.get !== undefined) return undefined
  if (emit.configurable !== true || !String(emit.value).includes('haveNonRawStreams')) {
    throw new Error('its Logger does not write as that of bunyan 1.8 or 2')
  }
  const state = new HookState(taps)
  hookEmit(prototype, emit, state)
  hookFields(prototype, state)
  hookNonRaw(prototype, state)
  return () => {
    state.isOn = false
    Reflect.deleteProperty(prototype, 'haveNonRawStreams')
    Reflect.deleteProperty(prototype, 'fields')
    const { value } = state
    Object.defineProperty(prototype, '_emit', { ...emit, value: value ?? emit.value })
  }
}

class HookState {
  isOn = true
  /** What stands in `_emit`'s place by now. */
  value: unknown
  /** Loggers that were made since, and those that have been made ready. */
  readonly #known = new WeakSet()
  /** The one that was called last: asked of each call, wanted or not. */
  #last: object | undefined
  /** Who has asked for `haveNonRawStreams` once. */
  #asking: object | undefined
  readonly #taps: LoggerTaps

  constructor(taps: LoggerTaps) {
    this.#taps = taps
  }

  called(logger: object): void {
    this.#asking = undefined
    if (!this.isOn) return
    if (logger !== this.#last) {
      if (!this.#known.has(logger)) this.#adopt(logger)
      this.#last = logger
    }
    this.#taps.onCall(logger)
  }

  made(logger: object, fields: unknown): void {
    if (!this.isOn || typeof fields !== 'object' || fields === null) return
    this.#known.add(logger)
    this.#taps.onFields(fields)
  }

  asked(logger: object): void {
    const isSecond = this.#asking === logger
    this.#asking = isSecond ? undefined : logger
    this.#taps.onRecord()
    if (isSecond && this.isOn) this.#taps.onWrite(logger as BunyanLogger)
  }

  /** Made before the class was hooked. */
  #adopt(logger: object): void {
    this.#known.add(logger)
    // bunyan finds it out again.
    if (Object.getOwnPropertyDescriptor(logger, 'haveNonRawStreams')?.get === undefined) {
      Reflect.deleteProperty(logger, 'haveNonRawStreams')
    }
    const { fields } = logger as Partial<BunyanLogger>
    if (fields !== undefined) this.#taps.onFields(fields)
  }
}

function hookEmit(prototype: object, { value, enumerable = true }: PropertyDescriptor, state: HookState): void {
  state.value = value
  const called = guardedQuestion('bunyan', (logger: object) => state.called(logger))
  Object.defineProperty(prototype, '_emit', {
    configurable: true,
    enumerable,
    get(this: object) {
      if (this !== prototype) called(this)
      return state.value
    },
    set(this: object, other: unknown) {
      if (this === prototype) state.value = other
      else Object.defineProperty(this, '_emit', { value: other, configurable: true, enumerable: true, writable: true })
    },
  })
}

function hookFields(prototype: object, state: HookState): void {
  const made = guardedQuestion('bunyan', ([logger, fields]: readonly [object, unknown]) => state.made(logger, fields))
  Object.defineProperty(prototype, 'fields', {
    configurable: true,
    enumerable: false,
    get: () => undefined,
    set(this: object, value: unknown) {
      Object.defineProperty(this, 'fields', { value, configurable: true, enumerable: true, writable: true })
      made([this, value])
    },
  })
}

/** One for each of its two values: an accessor of the logger's own, as bunyan's is its own data. */
function hookNonRaw(prototype: object, state: HookState): void {
  const asked = guardedQuestion('bunyan', (logger: object) => state.asked(logger))
  function set(this: object, value: unknown): void {
    Object.defineProperty(this, 'haveNonRawStreams', value === true ? nonRaw : allRaw)
  }
  const shared = { configurable: true, set }
  const nonRaw = { ...shared, enumerable: true, get: answer(true) }
  const allRaw = { ...shared, enumerable: true, get: answer(false) }
  Object.defineProperty(prototype, 'haveNonRawStreams', { ...shared, enumerable: false, get: answer(undefined) })

  function answer(value: boolean | undefined) {
    return function (this: object): boolean | undefined {
      asked(this)
      return value
    }
  }
}
