/**
 * What of pino's own objects is read, from 8 to 10. Its symbols are not the same in two copies: they are found by their descriptions.
 */

export interface PinoLevels {
  readonly labels: Readonly<Record<number, string>>
  readonly values: Readonly<Record<string, number>>
}

/** A logger, or a child: each inherits from its parent, the root from pino's prototype. */
export interface PinoLogger {
  readonly levels: PinoLevels
  readonly levelVal: number
  readonly version?: unknown
  /** What stands for the method of a level that is off. */
  readonly silent?: unknown
  readonly [key: symbol]: unknown
}

/** What a root logger's line is made with; the keys are symbols of its copy of pino. */
export interface PinoSymbols {
  readonly asJson: symbol
  readonly chindings: symbol
  readonly end: symbol
  readonly errorKey: symbol
  readonly lsCache: symbol
  readonly messageKey: symbol
  readonly nestedKey: symbol
  readonly setLevel: symbol
  readonly stream: symbol
  readonly stringifiers: symbol
}

const NAMES = [
  'asJson',
  'chindings',
  'end',
  'errorKey',
  'lsCache',
  'messageKey',
  'nestedKey',
  'setLevel',
  'stream',
  'stringifiers',
] as const satisfies readonly (keyof PinoSymbols)[]

/** The same for all copies. */
export const SERIALIZERS: unique symbol = Symbol.for('pino.serializers') as never
export const FORMATTERS: unique symbol = Symbol.for('pino.formatters') as never
export const HOOKS: unique symbol = Symbol.for('pino.hooks') as never

export type Serializers = Readonly<Record<string, ((value: unknown) => unknown) | undefined>>
export type Stringifiers = Readonly<Record<string | symbol, unknown>>

export interface Formatters {
  readonly log?: unknown
}

/** `pino.multistream` tells the lowest level that any of its streams takes. */
export interface PinoStream {
  readonly minLevel?: unknown
  readonly streams?: unknown
}

/** @returns `undefined` for what is no logger of a pino that we know */
export function symbolsOf(logger: object): PinoSymbols | undefined {
  const found: Partial<Record<keyof PinoSymbols, symbol>> = {}
  for (let at: object | null = logger; at !== null; at = Object.getPrototypeOf(at) as object | null) {
    for (const symbol of Object.getOwnPropertySymbols(at)) {
      const name = NAMES.find((each) => symbol.description === `pino.${each}`)
      if (name !== undefined) found[name] ??= symbol
    }
  }
  // pino 8.0 has no key for errors but `err`.
  found.errorKey ??= Symbol('pino.errorKey')
  return NAMES.every((name) => found[name] !== undefined) ? (found as PinoSymbols) : undefined
}

/** Where `pino.end` is, and with it all that children inherit. */
export function rootOf(logger: object, { end }: PinoSymbols): object | undefined {
  let at: object | null = logger
  while (at !== null && !Object.hasOwn(at, end)) at = Object.getPrototypeOf(at) as object | null
  return at ?? undefined
}
