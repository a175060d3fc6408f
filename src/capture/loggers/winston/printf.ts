/**
 * What do the arguments after the message mean? Values for %s and its like, fields, errors, or just more arguments.
 *
 * winston puts them aside (`info[SPLAT]`) and merges only some; its splat format empties that list while it runs, which is
 * why the bridge keeps a copy from before the format.
 */
import { format } from 'node:util'

import { isPlain } from '../../../model/js-object.ts'

/** winston's own test for a message with placeholders; `%%` counts. */
const WINSTON_TOKENS = /%[scdjifoO%]/g

export interface Arguments {
  /** Objects whose fields winston has not merged into the info. */
  readonly unmerged: readonly object[]
  /** What is neither a placeholder's value nor fields. */
  readonly args: readonly unknown[]
  /** All that were given, in order. */
  readonly all: readonly unknown[]
  /** winston itself has merged the first one into the info. */
  readonly isFirstMerged: boolean
  /** The splat format has merged all objects into the info. */
  readonly isAllMerged: boolean
}

/**
 * @param message  as it was before the format
 * @param splat  the arguments as they were before the format
 * @param left  how many of them are in `info[SPLAT]` after the format
 */
export function readArguments(message: unknown, splat: readonly unknown[], left: number): Arguments {
  const tokens = typeof message === 'string' ? message.match(WINSTON_TOKENS) : null
  const first = splat[0]
  const isFirstMerged = tokens === null && typeof first === 'object' && first !== null
  const isAllMerged = left < splat.length
  const unmerged: object[] = []
  const args: unknown[] = []
  for (let index = countValues(tokens); index < splat.length; index++) {
    const value = splat[index]
    const isMerged = isAllMerged || (index === 0 && isFirstMerged)
    if (value === undefined || isError(value)) continue
    if (typeof value === 'object' && value !== null && (isMerged ? hasFields(value) : isSafelyPlain(value))) {
      if (!isMerged) unmerged.push(value)
    } else args.push(value)
  }
  return { unmerged, args, all: splat, isFirstMerged, isAllMerged }
}

/**
 * The message with its placeholders filled in, when no splat format has done that.
 *
 * @param before  the message before the format
 * @param after  the message after the format, which may have changed it otherwise
 */
export function fillPlaceholders(before: unknown, after: unknown, splat: readonly unknown[]): unknown {
  if (typeof before !== 'string' || typeof after !== 'string' || !before.includes('%')) return after
  const values = splat.slice(0, countValues(before.match(WINSTON_TOKENS)))
  if (values.length === 0 || !after.includes(before)) return after
  const filled = format(before, ...values)
  // A function as replacement: `$&` in a value is the value's.
  return after === before ? filled : after.replace(before, () => filled)
}

/**
 * The splat format spreads a string argument into one field per character; those are no fields.
 *
 * @returns whether `key: value` is a character of one of the arguments
 */
export function isSpreadCharacter(key: string, value: unknown, args: readonly unknown[]): boolean {
  const code = key.charCodeAt(0)
  if (code < 48 || code > 57 || typeof value !== 'string' || value.length !== 1) return false
  return args.some((arg) => typeof arg === 'string' && arg[Number(key)] === value)
}

function countValues(tokens: readonly string[] | null): number {
  return tokens === null ? 0 : tokens.filter((token) => token !== '%%').length
}

function isError(value: unknown): boolean {
  try {
    return value instanceof Error
  } catch {
    return false
  }
}

/** A Date or a Map has no fields to merge: winston loses it. */
function hasFields(value: object): boolean {
  try {
    for (const key in value) if (Object.hasOwn(value, key)) return true
    return isPlain(value)
  } catch {
    return true
  }
}

function isSafelyPlain(value: object): boolean {
  try {
    return isPlain(value)
  } catch {
    return false
  }
}
