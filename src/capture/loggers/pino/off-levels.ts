/**
 * Levels that are off: pino puts a function that does nothing in the place of their methods; here it asks whether anybody wants the line.
 *
 * pino tells of each change of levels by an event, and reads `emit` for it when all methods have been assigned: an accessor there sees
 * every logger, standard levels and custom ones alike. A line that somebody wants is made by pino itself, on a logger that writes nowhere.
 */
import { currentUnit } from '../../../context/request-unit.ts'
import { safely } from '../../../diag/guarded.ts'
import type { RecordEmitter } from '../../../record/record-emitter.ts'
import type { PinoBridge } from './pino-bridge.ts'
import { HOOKS, type PinoLogger } from './pino-types.ts'

type Method = (this: unknown, ...args: unknown[]) => unknown
type Methods = Record<string, Method | undefined>

/**
 * @param prototype  pino's own
 * @returns ends it
 */
export function watchLevels(prototype: object, bridge: PinoBridge, records: RecordEmitter): () => void {
  const parent = Object.getPrototypeOf(prototype) as object
  const replace = (logger: PinoLogger) => replaceOffMethods(logger, bridge, records)
  Object.defineProperty(prototype, 'emit', {
    configurable: true,
    enumerable: false,
    get(this: PinoLogger) {
      safely('pino', replace, this)
      return Reflect.get(parent, 'emit', this) as unknown
    },
    set(this: object, value: unknown) {
      Object.defineProperty(this, 'emit', { value, configurable: true, enumerable: true, writable: true })
    },
  })
  return () => void Reflect.deleteProperty(prototype, 'emit')
}

/** Own methods only: a child without a level of its own has its parent's. */
function replaceOffMethods(logger: PinoLogger, bridge: PinoBridge, records: RecordEmitter): void {
  const { levels, silent } = logger
  if (typeof silent !== 'function' || typeof levels !== 'object') return
  const seat = bridge.seatOf(logger)
  if (seat === undefined) return
  const methods = logger as unknown as Methods
  for (const level of Object.keys(levels.values)) {
    if (!Object.hasOwn(logger, level) || methods[level] !== silent) continue
    const severity = seat.shape.severityOf(level, levels.values[level]!)
    methods[level] = createOffMethod({ level, severity, bridge, records })
  }
}

interface OffMethod {
  readonly level: string
  readonly severity: number
  readonly bridge: PinoBridge
  readonly records: RecordEmitter
}

/** Looks and is called as pino's own. */
function createOffMethod(off: OffMethod): Method {
  const { severity, bridge } = off
  const { levels } = off.records
  return function noop(this: unknown): void {
    if (!bridge.isOn || !levels.isPossible(severity, levels.isHolding ? currentUnit() : undefined)) return
    // A rest parameter would make an array for every call that nobody wants.
    // oxlint-disable-next-line prefer-rest-params
    const args = arguments
    safely('a pino level that is off', () => writeNowhere(this as PinoLogger, args, off))
  }
}

const NOWHERE = { write: (): boolean => true }

function writeNowhere(logger: PinoLogger, args: ArrayLike<unknown>, { level, severity, bridge, records }: OffMethod) {
  // `silent` says that nobody is to have anything; a method that was taken off its logger does nothing in pino either.
  if (typeof logger !== 'object' || logger.levelVal === Infinity) return
  const seat = bridge.seatOf(logger)
  if (seat === undefined) return
  const { symbols } = seat
  const verdict = records.judge(severity, bridge.bindingsOf(seat).scope.name, undefined, false)
  if (verdict === 'drop') return
  const method = methodOf(logger, level, symbols.setLevel)
  const writer = Object.create(logger, {
    [symbols.stream]: { value: NOWHERE },
    [HOOKS]: { value: { ...(logger[HOOKS] as object), streamWrite: undefined } },
  }) as PinoLogger
  bridge.hold({ logger: writer, verdict }, () => Reflect.apply(method, writer, args))
}

const known = new WeakMap<object, Methods>()

/** pino's method of a level, as it is where the level is on. */
function methodOf(logger: PinoLogger, level: string, setLevel: symbol): Method {
  let methods = known.get(logger.levels)
  if (methods === undefined) known.set(logger.levels, (methods = {}))
  let method = methods[level]
  if (method === undefined) {
    // Nobody hears of this change.
    const scratch = Object.create(logger, { emit: { value: () => false } }) as Methods
    Reflect.apply((logger as unknown as Record<symbol, Method>)[setLevel]!, scratch, [level])
    methods[level] = method = scratch[level]!
  }
  return method
}
