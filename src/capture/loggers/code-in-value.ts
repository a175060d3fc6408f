/**
 * Would the application's code run if this value were read? Getters and `toJSON` are the logger's to call, once, when it makes its line.
 */
import { types } from 'node:util'

/** Levels of nesting, and values, that are looked through. */
export const MAX_CODE_DEPTH = 6
const MAX_VALUES = 200

/** What of the application's would run if a value were written as JSON: of both a getter counts. */
export function codeIn(value: object): 'getter' | 'toJSON' | undefined {
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
    return typeof inner === 'object' && inner !== null && depth < MAX_CODE_DEPTH && hasGetter(inner, depth + 1)
  }
  if (hasGetter(value, 1)) return 'getter'
  return hasToJson ? 'toJSON' : undefined
}

/** URLs and their like have one of the platform. */
function hasMethod(value: object): boolean {
  return 'toJSON' in value && !(value instanceof URL)
}
