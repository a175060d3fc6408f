/**
 * What do the transports' own formats take away? A field that every transport's format removes or rewrites is exported as
 * rewritten: what nobody may read in the output must not leave by another door.
 *
 * Only asked where every transport that takes the level has a format of its own. Those run later, on a copy; here each
 * runs once on another copy.
 */
import { isDeepStrictEqual } from 'node:util'

import type { Fields } from './info-exception.ts'
import { copyPlain } from './record-of-info.ts'
import type { WinstonFormat, WinstonInfo } from './winston-types.ts'

export interface TransportView {
  /** What is left of the fields. */
  readonly fields: Fields
  readonly message: unknown
}

/**
 * @param formats  of all transports that take the record
 * @returns `undefined` when all of them swallow it
 */
export function applyTransportFormats(
  info: WinstonInfo,
  fields: Fields,
  formats: readonly WinstonFormat[],
): TransportView | undefined {
  const views = formats.map((format) => applyFormat(info, format)).filter((view) => view !== undefined)
  const [first] = views
  if (first === undefined) return undefined
  const left: Fields = {}
  for (const key of Object.keys(fields)) {
    const value = fields[key]
    if (!(key in info)) {
      left[key] = value
      continue
    }
    if (views.some((view) => holds(view, key, value))) left[key] = value
    else {
      const rewritten = views.find((view) => view[key] !== undefined)
      if (rewritten !== undefined) left[key] = rewritten[key]
    }
  }
  const { message } = info
  const isMessageKept = views.some((view) => tells(view['message'], message))
  return { fields: left, message: isMessageKept ? message : first['message'] }
}

function applyFormat(info: WinstonInfo, format: WinstonFormat): Fields | undefined {
  try {
    const copy: Record<PropertyKey, unknown> = {}
    for (const key of Reflect.ownKeys(info)) {
      if (Object.prototype.propertyIsEnumerable.call(info, key)) copy[key] = copyPlain(Reflect.get(info, key))
    }
    const result = format.transform(copy, format.options)
    return typeof result === 'object' && result !== null ? (result as Fields) : undefined
  } catch {
    // It will throw again where winston calls it, and print nothing.
    return undefined
  }
}

/** Coloured, padded or labelled, the text is still there to read. */
function tells(shown: unknown, message: unknown): boolean {
  return shown === message || (typeof shown === 'string' && typeof message === 'string' && shown.includes(message))
}

/** Moved below `metadata` is not removed. */
function holds(view: Fields, key: string, value: unknown): boolean {
  if (isSame(view[key], value)) return true
  const metadata = view['metadata']
  return typeof metadata === 'object' && metadata !== null && isSame((metadata as Fields)[key], value)
}

function isSame(a: unknown, b: unknown): boolean {
  return Object.is(a, b) || (typeof a === 'object' && typeof b === 'object' && isDeepStrictEqual(a, b))
}
