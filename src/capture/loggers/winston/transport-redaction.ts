/**
 * What did the transports' own formats make of an info? The application's redaction holds there too: what every transport that
 * prints the record has removed or rewritten is exported as rewritten.
 */
import { isDeepStrictEqual } from 'node:util'

import type { Fields } from './info-exception.ts'
import { copyPlain } from './record-of-info.ts'
import type { WinstonFormat, WinstonInfo } from './winston-types.ts'

/** An info as one format has left it, or as several have together. */
export interface View {
  readonly fields: Fields
  readonly message: unknown
}

export function viewOf(formatted: object): View {
  return { fields: { ...formatted }, message: (formatted as Fields)['message'] }
}

/** @returns `undefined` when all have swallowed it */
export function mergeViews(info: WinstonInfo, fields: Fields, views: readonly View[]): View | undefined {
  const [first] = views
  if (first === undefined) return undefined
  const left: Fields = {}
  for (const key of Object.keys(fields)) {
    const value = fields[key]
    if (!(key in info)) {
      left[key] = value
      continue
    }
    if (views.some((view) => holds(view.fields, key, value))) left[key] = value
    else {
      const rewritten = views.find((view) => view.fields[key] !== undefined)
      if (rewritten !== undefined) left[key] = rewritten.fields[key]
    }
  }
  const { message } = info
  const isMessageKept = views.some((view) => tells(view.message, message))
  return { fields: left, message: isMessageKept ? message : first.message }
}

/**
 * Runs a format on a copy, for infos that winston does not come to.
 *
 * @returns `undefined` for one that the format swallows or fails on: it prints nothing
 */
export function applyFormat(info: WinstonInfo, format: WinstonFormat | undefined): WinstonInfo | undefined {
  try {
    const copy: Record<PropertyKey, unknown> = {}
    for (const key of Reflect.ownKeys(info)) {
      if (Object.prototype.propertyIsEnumerable.call(info, key)) copy[key] = copyPlain(Reflect.get(info, key))
    }
    const result = typeof format?.transform === 'function' ? format.transform(copy, format.options) : copy
    return typeof result === 'object' && result !== null ? (result as WinstonInfo) : undefined
  } catch {
    // It would fail where winston calls it, too.
    return undefined
  }
}

/** Coloured, padded or labelled, the text is still there to read. */
function tells(shown: unknown, message: unknown): boolean {
  return shown === message || (typeof shown === 'string' && typeof message === 'string' && shown.includes(message))
}

/** Moved below `metadata` is not removed. */
function holds(fields: Fields, key: string, value: unknown): boolean {
  if (isSame(fields[key], value)) return true
  const { metadata } = fields
  return typeof metadata === 'object' && metadata !== null && isSame((metadata as Fields)[key], value)
}

function isSame(a: unknown, b: unknown): boolean {
  return Object.is(a, b) || (typeof a === 'object' && typeof b === 'object' && isDeepStrictEqual(a, b))
}
