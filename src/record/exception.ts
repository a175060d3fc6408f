/**
 * What is written down of an Error: `exception.*` attributes, with its causes and its own fields.
 *
 * Never throws, whatever the error's getters do. Only errors get here: a plain object with a `code` is nobody's exception.
 */
import type { AnyValue } from '../model/any-value.ts'
import { readField } from '../model/js-object.ts'
import { toAnyValue } from '../model/js-value.ts'
import {
  ATTR_EXCEPTION_CAUSE,
  ATTR_EXCEPTION_ERRORS,
  ATTR_EXCEPTION_MESSAGE,
  ATTR_EXCEPTION_STACKTRACE,
  ATTR_EXCEPTION_TYPE,
} from '../model/semconv.ts'

/** Causes of causes that are kept. Source: spec, bridges rule 5. */
const MAX_CAUSES = 5

/** Told by their own attribute, or not worth one. */
const OWN_FIELDS: ReadonlySet<string> = new Set(['name', 'message', 'stack', 'cause', 'errors'])

/**
 * Whether a value counts as an error: one made by the language (of any realm), or an object with a string `stack`
 * (errors that crossed a process boundary as JSON).
 */
export function isErrorLike(value: unknown): value is object {
  if (typeof value !== 'object' || value === null) return false
  try {
    return (
      value instanceof Error ||
      Object.prototype.toString.call(value) === '[object Error]' ||
      typeof (value as { stack?: unknown }).stack === 'string'
    )
  } catch {
    return false
  }
}

export interface ExceptionOptions {
  /** What the application made of one of the error's own fields (redacted it, say); default: its value in the error. */
  readonly fieldOf?: (key: string) => unknown
  /** The same for the stack; `undefined`: no stack. */
  readonly stack?: unknown
}

/** Writes the `exception.*` attributes of an error into `target`. What it cannot read is left out. */
export function addException(target: Record<string, AnyValue>, error: object, options: ExceptionOptions = {}): void {
  put(target, ATTR_EXCEPTION_TYPE, typeOf(error))
  put(target, ATTR_EXCEPTION_MESSAGE, readField(error, 'message'))
  put(target, ATTR_EXCEPTION_STACKTRACE, 'stack' in options ? options.stack : readField(error, 'stack'))
  put(target, ATTR_EXCEPTION_CAUSE, readField(error, 'cause'))
  put(target, ATTR_EXCEPTION_ERRORS, readField(error, 'errors'))
  for (const key of fieldsOf(error)) {
    put(target, `exception.${key}`, options.fieldOf === undefined ? readField(error, key) : options.fieldOf(key))
  }
}

/** What the event `exception` of a span says of whatever was thrown. */
export function thrownAttributes(thrown: unknown): Record<string, AnyValue> {
  const attributes: Record<string, AnyValue> = {}
  if ((typeof thrown !== 'object' && typeof thrown !== 'function') || thrown === null) {
    attributes[ATTR_EXCEPTION_MESSAGE] = String(thrown)
    return attributes
  }
  put(attributes, ATTR_EXCEPTION_TYPE, textAt(thrown, 'name') ?? textAt(thrown, 'code'))
  put(attributes, ATTR_EXCEPTION_MESSAGE, textAt(thrown, 'message') ?? toAnyValue(thrown))
  put(attributes, ATTR_EXCEPTION_STACKTRACE, textAt(thrown, 'stack'))
  return attributes
}

function textAt(object: object, key: string): string | undefined {
  const value = readField(object, key)
  return typeof value === 'string' || typeof value === 'number' ? String(value) : undefined
}

/** Own enumerable fields of an error that are not told otherwise; what becomes `exception.<field>`. */
export function fieldsOf(error: object): readonly string[] {
  try {
    return Object.keys(error).filter((key) => !OWN_FIELDS.has(key))
  } catch {
    return []
  }
}

/** The class's name; the error's own name where the class says nothing. */
function typeOf(error: object): string | undefined {
  const name = readField(error, 'name')
  const constructor = readField(error, 'constructor')
  const className = typeof constructor === 'function' ? readField(constructor, 'name') : undefined
  const isTelling = typeof className === 'string' && !['', 'Error', 'Object'].includes(className)
  if (isTelling) return className
  if (typeof name === 'string' && name !== '') return name
  return typeFromStack(readField(error, 'stack')) ?? (className === 'Error' ? className : undefined)
}

/** `TypeError: x is undefined\n    at ...`: of an error that has lost its class on the way. */
function typeFromStack(stack: unknown): string | undefined {
  return typeof stack === 'string' ? /^(?:Uncaught )?([A-Za-z_$][\w$.]*)(?::|\n)/.exec(stack)?.[1] : undefined
}

function put(target: Record<string, AnyValue>, key: string, value: unknown): void {
  if (value === undefined || value === '') return
  const converted = toAnyValue(value, { maxDepth: MAX_CAUSES })
  if (converted !== undefined) target[key] = converted
}
