/**
 * What is said of a call that failed: the server's code, and its words without the values that they quote.
 *
 * `Duplicate entry 'ann@shop.test' for key 'email'` -> `Duplicate entry ?`.
 */
import { readField } from '../../model/js-object.ts'
import { errorMessageOf, errorTypeOf } from '../hop/error-type.ts'

export interface DatabaseFailure {
  /** `error.type`: a code that people know, else the error's class. */
  readonly type: string
  /** `db.response.status_code`: what the server answered; `undefined`: it did not. */
  readonly code: string | undefined
  readonly message: string
}

/** What is looked at of an error's words. Characters. */
const MAX_MESSAGE = 512

/** @param code  the server's own; default: none, it is a failure of the connection or the client */
export function databaseFailure(error: unknown, code?: string, options: MaskOptions = {}): DatabaseFailure {
  return { type: errorTypeOf(error), code, message: withoutQuoted(errorMessageOf(error), options) }
}

/** Of a failure whose error nobody has shown to us. */
export const UNKNOWN_FAILURE: DatabaseFailure = { type: '_OTHER', code: undefined, message: '' }

interface MaskOptions {
  /** Names stand in double quotes, and values never. Default false. */
  readonly keepsDoubleQuotes?: boolean
}

/** From the first quote to the last: a value may have quotes in it. An apostrophe within a word is none. */
function withoutQuoted(text: string, { keepsDoubleQuotes = false }: MaskOptions): string {
  const bounded = text.slice(0, MAX_MESSAGE)
  const brackets = bounded.replace(/\{.*\}|\{.*$/s, '{?}')
  const double = keepsDoubleQuotes ? brackets : brackets.replace(/".*"|".*$/s, '?')
  return double.replace(/(?<!\w)'.*'(?!\w)|(?<!\w)'.*$/s, '?')
}

/** `name` of an own field that is a text or a number. */
export function codeField(error: unknown, name: string): string | undefined {
  const code = readField(error, name)
  return typeof code === 'string' || typeof code === 'number' ? String(code) : undefined
}
