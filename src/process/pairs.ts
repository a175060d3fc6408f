/**
 * Which lists and maps hold a name and its value side by side? `[['cookie', 'sid=x']]`, `rawHeaders`, `{ name: 'password', value: 'x' }`.
 */
import type { AnyValue, AnyValueMap } from '../model/any-value.ts'
import type { SecretKeys } from '../model/secrets/secret-keys.ts'

const NAME_FIELDS = [
  'name',
  'key',
  'k',
  'field',
  'header',
  'attribute',
  'param',
  'parameter',
  'variable',
  'label',
] as const
const VALUE_FIELDS = ['value', 'val', 'v', 'values', 'contents', 'content', 'data'] as const

/** Headers that nearly every message has, or that are secret: a list that holds one of them holds headers. */
const KNOWN_HEADER =
  /^(?:host|user-agent|accept|accept-[a-z]+|content-[a-z]+|connection|date|server|cache-control|via|origin|referer|(?:set-)?cookie|(?:proxy-)?authorization|x-[a-z-]+)$/i
/** A longer list is searched for one of them so far. */
const MAX_LOOKED_AT = 64

/** The field under which the value of a secret stands; `undefined`: there is none. */
export function namedValueField(map: AnyValueMap, keys: SecretKeys): string | undefined {
  for (const field of NAME_FIELDS) {
    const name = map[field]
    if (typeof name !== 'string') continue
    if (name.length > 128 || keys.kindOf(name) === undefined) return undefined
    return VALUE_FIELDS.find((candidate) => Object.hasOwn(map, candidate))
  }
  return undefined
}

/** Whether each item is a list of two, a text first: `Object.entries()`, `[...headers]`. */
export function isListOfPairs(list: readonly AnyValue[]): boolean {
  if (list.length === 0) return false
  for (const item of list) {
    if (!Array.isArray(item) || item.length !== 2 || typeof item[0] !== 'string') return false
  }
  return true
}

/** Names and values in turn: headers as in Node's `rawHeaders`, or arguments of a command, where only options are names. */
export type FlatPairs = 'headers' | 'arguments'

/** @param key  the list's own */
export function flatPairsOf(list: readonly AnyValue[], key: string): FlatPairs | undefined {
  if (list.length < 2 || typeof list[0] !== 'string') return undefined
  if (/(?:headers?|trailers?)$/i.test(key)) return 'headers'
  for (let index = 0; index < list.length && index < MAX_LOOKED_AT; index++) {
    const item = list[index]
    if (typeof item !== 'string') continue
    if (item.startsWith('--')) return 'arguments'
    if (index % 2 === 0 && list.length % 2 === 0 && item.length < MAX_LOOKED_AT && KNOWN_HEADER.test(item))
      return 'headers'
  }
  return undefined
}

export function isNameAt(list: readonly AnyValue[], index: number, pairs: FlatPairs): boolean {
  if (pairs === 'headers') return index % 2 === 0
  const name = list[index]
  const value = list[index + 1]
  return typeof name === 'string' && name.startsWith('-') && typeof value === 'string' && !value.startsWith('--')
}
