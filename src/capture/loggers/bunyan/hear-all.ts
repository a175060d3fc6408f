/**
 * Levels of a logger that are off, for TRACELOG_BUNYAN_ALL: while a call of a level asks for `_level`, it is the lowest that anybody wants.
 *
 * bunyan then makes the record and offers it to the streams, each of which has a level of its own. All other readers get the logger's
 * level; what asks whether a level is on (`log.debug()`) hears yes where somebody wants it.
 */
import { guardedQuestion } from '../../../diag/guarded.ts'

const LEVELS = [10, 20, 30, 40, 50, 60] as const

export interface LevelHearing {
  /** A level's method of this logger is called. */
  called(logger: object): void
  /** It has asked for its level: whoever asks next is somebody else. */
  answered(): void
  stop(): void
}

/** @param isWanted  whether somebody wants records of a level that the logger does not print */
export function hearAllLevels(prototype: object, isWanted: (logger: object, level: number) => boolean): LevelHearing {
  const levels = new WeakMap<object, unknown>()
  let caller: object | undefined
  const read = guardedQuestion('bunyan', (logger: object) => {
    const own = levels.get(logger)
    const isCall = caller === logger
    caller = undefined
    if (!isCall || typeof own !== 'number') return own
    return LEVELS.find((level) => level < own && isWanted(logger, level)) ?? own
  })
  const keep = guardedQuestion('bunyan', ([logger, value]: readonly [object, unknown]) => levels.set(logger, value))
  function get(this: object): unknown {
    return read(this)
  }
  function set(this: object, value: unknown): void {
    keep([this, value])
    if (!Object.hasOwn(this, '_level')) {
      Object.defineProperty(this, '_level', { configurable: true, enumerable: true, get, set })
    }
  }
  Object.defineProperty(prototype, '_level', { configurable: true, enumerable: false, get, set })
  return {
    called(logger) {
      const own = Object.getOwnPropertyDescriptor(logger, '_level')
      // Made before us.
      if (own !== undefined && own.get === undefined) {
        levels.set(logger, own.value)
        Object.defineProperty(logger, '_level', { configurable: true, enumerable: true, get, set })
      }
      caller = logger
    },
    answered: () => void (caller = undefined),
    stop: () => void Reflect.deleteProperty(prototype, '_level'),
  }
}
