/**
 * How are the lines of this logger to be read? What its options say, worked out once for all loggers that share them.
 *
 * A field that the application has serialized or redacted is taken from the finished line: its code has run once, and what it gave is
 * what counts. All others are taken as they were logged.
 */
import { guarded } from '../../../diag/guarded.ts'
import { createSeverityTable, severityOfLevelName, severityOfPinoLevel } from '../../../model/severity.ts'
import { FieldRoles } from '../../../record/field-roles.ts'
import {
  FORMATTERS,
  SERIALIZERS,
  type Formatters,
  type PinoLevels,
  type PinoLogger,
  type PinoSymbols,
  type Serializers,
  type Stringifiers,
} from './pino-types.ts'

/** Carries the event's name through loggers that have no word for it. Source: OpenTelemetry's own bridges. */
export const EVENT_NAME_KEY = 'otel.event.name'

export interface LoggerShape {
  readonly symbols: PinoSymbols
  readonly messageKey: string
  /** Where an error may stand, the logger's own key first. */
  readonly errorKeys: readonly string[]
  /** Whether the fields stand one level down, under a key of their own. */
  readonly isNested: boolean
  /** Told when a line has a `trace_id` of the application's; false: its own serializer stands there, and has to be asked for. */
  readonly hearsTraceKey: boolean
  /** What becomes of each field of a plain line. */
  readonly roles: FieldRoles
  /** Whether the finished line tells what a field is. */
  readonly isFromLine: (key: string) => boolean
  readonly severityOf: (label: string | undefined, num: number) => number
}

interface Known {
  readonly stringifiers: unknown
  readonly levels: PinoLevels
  readonly shape: LoggerShape
}

export class LoggerShapes {
  readonly #known = new WeakMap<object, Known>()
  /** By what they say: children with serializers of their own have them anew each time. */
  readonly #roles = new Map<string, FieldRoles>()
  readonly #onTraceKey: () => void

  /** @param onTraceKey  the line that is being made has a `trace_id` of the application's */
  constructor(onTraceKey: () => void) {
    this.#onTraceKey = onTraceKey
  }

  of(logger: PinoLogger, symbols: PinoSymbols): LoggerShape {
    const serializers = logger[SERIALIZERS] as Serializers
    const stringifiers = logger[symbols.stringifiers] as Stringifiers
    const known = this.#known.get(serializers)
    if (known !== undefined && known.stringifiers === stringifiers && known.levels === logger.levels) return known.shape
    const hearsTraceKey = this.#hearTraceKey(serializers)
    const shape = this.#make(logger, { symbols, serializers, stringifiers, hearsTraceKey })
    this.#known.set(serializers, { stringifiers, levels: logger.levels, shape })
    return shape
  }

  /** pino asks for the serializer of each key that it writes, and of no other. */
  #hearTraceKey(serializers: Serializers): boolean {
    const field = Object.getOwnPropertyDescriptor(serializers, TRACE_KEY)
    if (field !== undefined) return field.get !== undefined
    const get = guarded('pino', this.#onTraceKey)
    const set = (value: unknown) =>
      Object.defineProperty(serializers, TRACE_KEY, { value, configurable: true, enumerable: true, writable: true })
    return Reflect.defineProperty(serializers, TRACE_KEY, { configurable: true, enumerable: false, get, set })
  }

  #make(logger: PinoLogger, options: ShapeOptions): LoggerShape {
    const { symbols, serializers, stringifiers, hearsTraceKey } = options
    const messageKey = textOf(logger[symbols.messageKey], 'msg')
    const errorKey = textOf(logger[symbols.errorKey], 'err')
    const isRewritten = createRewriteTest(serializers, stringifiers, errorKey)
    const isNested = Boolean(logger[symbols.nestedKey])
    const errorKeys = [...new Set([errorKey, 'err', 'error', 'cause'])]
    const special = new Set([...errorKeys, messageKey, EVENT_NAME_KEY])
    const roleOf = (key: string) => (special.has(key) || isRewritten(key) ? 'leave' : 'field')
    const said = [messageKey, errorKey, ...rewrittenKeys(serializers, stringifiers)].join('\n')
    return {
      symbols,
      messageKey,
      errorKeys,
      isNested,
      hearsTraceKey,
      roles: this.#rolesOf(said, roleOf),
      isFromLine: isRewritten,
      severityOf: createSeverities(logger.levels),
    }
  }

  #rolesOf(said: string, roleOf: (key: string) => 'leave' | 'field'): FieldRoles {
    let roles = this.#roles.get(said)
    if (roles === undefined) {
      roles = new FieldRoles(roleOf)
      if (this.#roles.size >= MAX_ROLES) this.#roles.clear()
      this.#roles.set(said, roles)
    }
    return roles
  }
}

const TRACE_KEY = 'trace_id'
const MAX_ROLES = 100

interface ShapeOptions extends Pick<LoggerShape, 'symbols' | 'hearsTraceKey'> {
  readonly serializers: Serializers
  readonly stringifiers: Stringifiers
}

function textOf(value: unknown, otherwise: string): string {
  return typeof value === 'string' ? value : otherwise
}

/** Whether the application's formatter has made the fields of a line. */
export function isFormatted(logger: PinoLogger): boolean {
  return (logger[FORMATTERS] as Formatters).log !== undefined
}

/** Serializers change a key, redaction all below one, or below each where its path begins with `*`. */
function createRewriteTest(
  serializers: Serializers,
  stringifiers: Stringifiers,
  errorKey: string,
): (key: string) => boolean {
  const isWild = Object.getOwnPropertySymbols(stringifiers).some((one) => one.description === 'pino.wildcardFirst')
  return (key) => {
    if (isWild || stringifiers[key] !== undefined) return true
    if (key === TRACE_KEY && Object.getOwnPropertyDescriptor(serializers, key)?.get !== undefined) return false
    const serializer = serializers[key] ?? (key === errorKey ? serializers['err'] : undefined)
    return typeof serializer === 'function' && !isStandard(serializer)
  }
}

function rewrittenKeys(serializers: Serializers, stringifiers: Stringifiers): readonly string[] {
  const own = Object.keys(serializers).filter((key) => typeof serializers[key] === 'function')
  return [
    ...own.map((key) => (isStandard(serializers[key]!) ? `-${key}` : `+${key}`)),
    ...Reflect.ownKeys(stringifiers).map((key) => `*${typeof key === 'symbol' ? (key.description ?? '') : key}`),
  ]
}

const standard = new WeakMap<Function, boolean>()

/** pino's own serializer of errors: the Error itself says more. Told by its text, a bundler may have renamed it. */
function isStandard(serializer: Function): boolean {
  let known = standard.get(serializer)
  if (known === undefined) {
    known = Function.prototype.toString.call(serializer).includes('.aggregateErrors')
    standard.set(serializer, known)
  }
  return known
}

/** By pino's numbers, unless the logger has levels of its own: those are placed among its known names. */
function createSeverities({ values }: PinoLevels): LoggerShape['severityOf'] {
  let table: ReadonlyMap<string, number> | undefined
  const kept = new Map<number, number>()
  return (label, num) => {
    let severity = kept.get(num)
    if (severity !== undefined) return severity
    severity = label === undefined ? undefined : severityOfLevelName(label)
    if (severity === undefined && label !== undefined) severity = (table ??= createSeverityTable(values)).get(label)
    severity ??= severityOfPinoLevel(num)
    kept.set(num, severity)
    return severity
  }
}
