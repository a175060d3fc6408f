/**
 * What of a logger stays the same from line to line, looked up once as long as it is the same logger that writes.
 */
import { PinoBindings } from './bindings.ts'
import { type LoggerShape, LoggerShapes } from './logger-shape.ts'
import { rootOf, SERIALIZERS, symbolsOf, type PinoLevels, type PinoLogger, type PinoSymbols } from './pino-types.ts'

export interface LoggerSeat {
  readonly logger: PinoLogger
  readonly root: PinoLogger
  readonly symbols: PinoSymbols
  readonly shape: LoggerShape
  /** What closes each line, without the trace. */
  readonly end: string
  readonly bindings: PinoBindings
  readonly serializers: unknown
  readonly stringifiers: unknown
  readonly levels: PinoLevels
}

/** More than that are looked at anew for each line. */
const MAX_COPIES = 16

export class LoggerSeats {
  readonly #shapes: LoggerShapes
  /** Of root loggers: what they end their lines with. */
  readonly #ends = new WeakMap<object, string>()
  readonly #onRoot: (root: object, end: symbol) => string
  /** Of each copy of pino in this process: a framework may bring its own. */
  readonly #copies: PinoSymbols[] = []
  readonly #bindings = new Map<string, PinoBindings>()
  #last: LoggerSeat | undefined

  /**
   * @param onTraceKey  the line that is being made has a `trace_id` of the application's
   * @param onRoot  a root logger is seen for the first time. @returns what it ends its lines with
   */
  constructor(onTraceKey: () => void, onRoot: (root: object, end: symbol) => string) {
    this.#shapes = new LoggerShapes(onTraceKey)
    this.#onRoot = onRoot
  }

  /** @returns `undefined` for what is no logger of a pino that we know */
  of(logger: PinoLogger): LoggerSeat | undefined {
    const last = this.#last
    return last !== undefined && isSame(last, logger) ? last : (this.#last = this.#find(logger))
  }

  #find(logger: PinoLogger): LoggerSeat | undefined {
    const symbols = this.#symbolsOf(logger)
    const root = symbols === undefined ? undefined : (rootOf(logger, symbols) as PinoLogger | undefined)
    if (symbols === undefined || root === undefined) return undefined
    const { levels, version } = logger
    return {
      logger,
      root,
      symbols,
      shape: this.#shapes.of(logger, symbols),
      end: this.#endOf(root, symbols.end),
      bindings: this.#bindingsOf(typeof version === 'string' ? version : ''),
      serializers: logger[SERIALIZERS],
      stringifiers: logger[symbols.stringifiers],
      levels,
    }
  }

  #symbolsOf(logger: PinoLogger): PinoSymbols | undefined {
    for (const known of this.#copies) if (typeof logger[known.chindings] === 'string') return known
    const found = symbolsOf(logger)
    if (found !== undefined && this.#copies.length < MAX_COPIES) this.#copies.push(found)
    return found
  }

  #bindingsOf(version: string): PinoBindings {
    let bindings = this.#bindings.get(version)
    if (bindings === undefined) this.#bindings.set(version, (bindings = new PinoBindings(version)))
    return bindings
  }

  #endOf(root: object, key: symbol): string {
    let end = this.#ends.get(root)
    if (end === undefined) this.#ends.set(root, (end = this.#onRoot(root, key)))
    return end
  }
}

function isSame(seat: LoggerSeat, logger: PinoLogger): boolean {
  return (
    seat.logger === logger &&
    seat.serializers === logger[SERIALIZERS] &&
    seat.stringifiers === logger[seat.symbols.stringifiers] &&
    seat.levels === logger.levels
  )
}
