/**
 * Which error does a winston info tell of, and which of its fields say the same again?
 *
 * Errors only: the message itself, an argument, or what stands under `err`, `error` or `cause`. A plain object with a `code`
 * or a `name` is nobody's exception.
 */
import { isErrorLike, type ExceptionOptions } from '../../../record/exception.ts'
import type { CallerFields } from './caller-fields.ts'
import type { Arguments } from './printf.ts'
import type { WinstonInfo } from './winston-types.ts'

/** Fields of an info, as they are to be exported; keys that the exception tells are taken out. */
export type Fields = Record<string, unknown>

export interface FoundException {
  readonly error: object
  readonly options: ExceptionOptions
  /** What winston has appended to the message (`failed boom`), to be cut off again. */
  readonly appended: string | undefined
}

export interface InfoSource {
  /** After the logger's format. */
  readonly info: WinstonInfo
  /** As it was logged. */
  readonly original: WinstonInfo
  /** The message before the format. */
  readonly message: unknown
  readonly given: Arguments | undefined
  /** Fields that formats add too, as the caller gave them. */
  readonly caller: CallerFields
}

const ERROR_KEYS = ['err', 'error', 'cause'] as const

export function takeException(source: InfoSource, fields: Fields): FoundException | undefined {
  const { info, original, message, given } = source
  if (isInstance(original)) return merged(original, fields, undefined)
  if (isInstance(message))
    return readField(info, 'message') === message ? whole(message, fields) : merged(message, fields, undefined)
  const argument = given?.all.find(isErrorArgument)
  if (argument !== undefined) return ofArgument(argument as object, given as Arguments, fields)
  return underKey(fields) ?? ofStack(fields, message)
}

/** Errors beyond the first are told as arguments. */
export function otherErrors(given: Arguments | undefined, exception: FoundException | undefined): readonly unknown[] {
  return given?.all.filter((value) => isInstance(value) && value !== exception?.error) ?? []
}

function ofArgument(error: object, given: Arguments, fields: Fields): FoundException {
  if (!given.isFirstMerged || given.all[0] !== error) {
    return given.isAllMerged ? merged(error, fields, undefined) : whole(error, fields)
  }
  const text = readField(error, 'message')
  const appended = isInstance(error) && typeof text === 'string' && text !== '' ? ` ${text}` : undefined
  // winston has copied the stack into the info: what the application's format made of it counts.
  const hadStack = Boolean(readField(error, 'stack'))
  return merged(error, fields, appended, hadStack ? { stack: fields['stack'] } : {})
}

/** The error's own fields were copied into the info: what is left of them there is exported, once. */
function merged(
  error: object,
  fields: Fields,
  appended: string | undefined,
  options: ExceptionOptions = {},
): FoundException {
  const copied = new Map<string, unknown>()
  for (const key of keysOf(error)) {
    if (!(key in fields)) continue
    copied.set(key, fields[key])
    delete fields[key]
  }
  dropRepeated(error, fields)
  return { error, appended, options: { ...options, fieldOf: (key) => copied.get(key) } }
}

/** Nothing of the error was copied. */
function whole(error: object, fields: Fields): FoundException {
  dropRepeated(error, fields)
  return { error, appended: undefined, options: {} }
}

function dropRepeated(error: object, fields: Fields): void {
  const stack = fields['stack']
  if (typeof stack === 'string' && looksLikeStack(stack)) delete fields['stack']
  if (fields['cause'] !== undefined && fields['cause'] === readField(error, 'cause')) delete fields['cause']
}

function underKey(fields: Fields): FoundException | undefined {
  for (const key of ERROR_KEYS) {
    const value = fields[key]
    if (!isErrorLike(value)) continue
    delete fields[key]
    return whole(value, fields)
  }
  // format.metadata() has moved everything one level down.
  const metadata = fields['metadata']
  if (typeof metadata !== 'object' || metadata === null) return undefined
  for (const key of ERROR_KEYS) {
    const value = readField(metadata, key)
    if (!isErrorLike(value)) continue
    const { [key]: _told, ...rest } = metadata as Fields
    fields['metadata'] = rest
    return whole(value, fields)
  }
  return undefined
}

/** child() and serialisers leave an error's message and stack, and nothing of its class. */
function ofStack(fields: Fields, message: unknown): FoundException | undefined {
  const stack = fields['stack']
  if (typeof stack !== 'string' || !looksLikeStack(stack)) return undefined
  const { cause } = fields
  delete fields['stack']
  if (isErrorLike(cause)) delete fields['cause']
  const error = {
    message: typeof message === 'string' ? message : undefined,
    stack,
    cause: isErrorLike(cause) ? cause : undefined,
  }
  return { error, appended: undefined, options: { fieldOf: () => undefined } }
}

/** @returns true for an Error, and for an object with a string stack that can be told from `{ stack: 'eu-1' }` */
function isErrorArgument(value: unknown): boolean {
  if (!isErrorLike(value)) return false
  if (isInstance(value)) return true
  const stack = readField(value, 'stack')
  return typeof readField(value, 'message') === 'string' || (typeof stack === 'string' && looksLikeStack(stack))
}

function isInstance(value: unknown): value is object {
  try {
    return value instanceof Error || Object.prototype.toString.call(value) === '[object Error]'
  } catch {
    return false
  }
}

function looksLikeStack(text: string): boolean {
  return text.includes('\n    at ')
}

function keysOf(error: object): readonly string[] {
  try {
    // `level` is winston's own mark on the object that it was given.
    return Object.keys(error).filter(
      (key) => key !== 'level' && key !== 'message' && key !== 'stack' && key !== 'cause',
    )
  } catch {
    return []
  }
}

export function readField(object: object, key: string): unknown {
  try {
    return (object as Record<string, unknown>)[key]
  } catch {
    return undefined
  }
}
