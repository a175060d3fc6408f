/**
 * The values of an info, read without running a getter or a `toJSON` that winston's format has run: what these gave stands in the
 * finished line, where that is JSON.
 */
import { copyOwnData, GETTER } from '../../../record/own-data.ts'
import { codeIn, MAX_CODE_DEPTH } from '../code-in-value.ts'
import type { Fields } from './info-exception.ts'
import { MESSAGE, SPLAT, type WinstonInfo } from './winston-types.ts'

/** @returns whether reading a field of an info, or a value in it, would run the application's code */
export function createCodeTest(info: WinstonInfo, original: WinstonInfo): (key: string) => boolean {
  // winston has copied all others from the arguments, as data.
  const isCallers = !(SPLAT in original)
  return (key) => {
    if (isCallers && isAccessor(info, key)) return true
    const value = info[key]
    return typeof value === 'object' && value !== null && codeIn(value) !== undefined
  }
}

/** Reads fields one by one; each is asked for once. */
export function createFieldReader(info: WinstonInfo): (key: string) => unknown {
  let line: Fields | undefined
  const lineOf = (): Fields => (line ??= parsed(info[MESSAGE]))
  return (key) => {
    if (isAccessor(info, key)) return lineOf()[key] ?? GETTER
    const value = info[key]
    if (typeof value !== 'object' || value === null) return value
    const code = codeIn(value)
    if (code === undefined) return value
    if (key in lineOf()) return lineOf()[key]
    // Nobody has called a `toJSON` yet, as far as can be seen: `model/js-value.ts` does.
    return code === 'toJSON' ? value : copyOwnData(value, MAX_CODE_DEPTH)
  }
}

function parsed(line: unknown): Fields {
  if (typeof line !== 'string' || !line.startsWith('{')) return {}
  try {
    return JSON.parse(line) as Fields
  } catch {
    return {}
  }
}

function isAccessor(object: object, key: string): boolean {
  return Object.getOwnPropertyDescriptor(object, key)?.get !== undefined
}
