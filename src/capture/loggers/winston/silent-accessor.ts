/**
 * `logger.silent` as an accessor: winston reads it first in `_transform`, before the format.
 *
 * Each logger gets its own, enumerable as winston's field is, at the first assignment, which an accessor on the prototype sees. For
 * V8 turns an object into a dictionary when an accessor takes the place of a value, or when each object has other functions for
 * it, and all that winston reads of the logger would cost a look-up (test/capture/loggers/winston/silent.test.ts).
 */
import { STATE, type TrackedLogger } from './logger-state.ts'

const VALUE: unique symbol = Symbol.for('org.tracelog.winston.silent') as never
type SilentLogger = TrackedLogger & { [VALUE]?: unknown }

const OWN: PropertyDescriptor = { configurable: true, enumerable: true, get: readSilent, set: setSilent }

/** @returns takes it away from loggers to come */
export function watchSilentOf(prototype: object): () => void {
  Object.defineProperty(prototype, 'silent', {
    configurable: true,
    enumerable: false,
    get: () => undefined,
    set: claim,
  })
  return () => Reflect.deleteProperty(prototype, 'silent')
}

/** For a logger made before the prototype was watched. */
export function watchSilentOn(logger: object): void {
  if (!Object.hasOwn(logger, VALUE)) claim.call(logger, Object.getOwnPropertyDescriptor(logger, 'silent')?.value)
}

function claim(this: object, value: unknown): void {
  Object.defineProperty(this, VALUE, { value, configurable: true, enumerable: false, writable: true })
  Object.defineProperty(this, 'silent', OWN)
}

function readSilent(this: SilentLogger): unknown {
  const value = this[VALUE]
  const state = this[STATE]
  if (value || state?.hearing.isOn !== true) return value
  return state.hearing.isStopped(state) || value
}

function setSilent(this: SilentLogger, value: unknown): void {
  if (Object.hasOwn(this, VALUE)) this[VALUE] = value
  // A child of the logger has its own.
  else Object.defineProperty(this, 'silent', { value, configurable: true, enumerable: true, writable: true })
}
