/**
 * The values of an info, read without running a getter or a `toJSON` that winston's format has run: what these gave stands in the
 * finished line, where that is JSON.
 */
import { types } from 'node:util'

import { copyOwnData, GETTER } from '../../../record/own-data.ts'
import type { Fields } from './info-exception.ts'
import { MESSAGE, SPLAT, type WinstonInfo } from './winston-types.ts'

/** Levels of nesting, and values, that are looked through. */
const MAX_DEPTH = 6
const MAX_VALUES = 200

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
    return code === 'toJSON' ? value : copyOwnData(value, MAX_DEPTH)
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

/** What of the application's would run if a value were written as JSON: of both a getter counts. */
function codeIn(value: object): 'getter' | 'toJSON' | undefined {
  let left = MAX_VALUES
  let hasToJson = false
  function hasGetter(each: object, depth: number): boolean {
    if (types.isProxy(each) || types.isNativeError(each) || types.isDate(each) || ArrayBuffer.isView(each)) return false
    if (!Array.isArray(each) && hasMethod(each)) hasToJson = true
    if (Array.isArray(each)) {
      // By number: V8 lists all keys of a list before it gives the first one.
      for (let i = 0; i < each.length; i++) {
        if (--left < 0) return false
        if (isGetter(each, i, depth)) return true
      }
      return false
    }
    for (const key in each) {
      if (--left < 0) return false
      if (isGetter(each, key, depth)) return true
    }
    return false
  }
  function isGetter(owner: object, key: string | number, depth: number): boolean {
    const field = Object.getOwnPropertyDescriptor(owner, key)
    if (field?.get !== undefined) return true
    const inner: unknown = field?.value
    return typeof inner === 'object' && inner !== null && depth < MAX_DEPTH && hasGetter(inner, depth + 1)
  }
  if (hasGetter(value, 1)) return 'getter'
  return hasToJson ? 'toJSON' : undefined
}

/** URLs and their like have one of the platform. */
function hasMethod(value: object): boolean {
  return 'toJSON' in value && !(value instanceof URL)
}

function isAccessor(object: object, key: string): boolean {
  return Object.getOwnPropertyDescriptor(object, key)?.get !== undefined
}
