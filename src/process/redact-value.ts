/**
 * One walk through the values of a record: what is under a secret key goes, texts are searched, both within bounds.
 *
 * Sizes are counted as model/js-value.ts counts them, so that a text that it has cut with a margin is cut here for good.
 */
import { type AnyValue, type AnyValueMap, setField } from '../model/any-value.ts'
import { NODE_BYTES } from '../model/log-record.ts'
import { redactQuery, redactUrlQuery } from '../model/secrets/redact-query.ts'
import type { SecretKeys } from '../model/secrets/secret-keys.ts'
import { isSecretValue, REDACTED } from '../model/secrets/secret-values.ts'
import type { SecretKind } from '../model/secrets/secret-words.ts'
import { isCardNumber } from '../model/secrets/token-shapes.ts'
import { ATTR_URL_FULL, ATTR_URL_QUERY } from '../model/semconv.ts'
import { flatPairsOf, isListOfPairs, isNameAt, namedValueField } from './pairs.ts'
import { cutHidden } from './text-window.ts'

export interface RedactionRules {
  readonly keys: SecretKeys
  readonly hideText: (text: string) => string
  /** Shorter texts hold nothing to hide. */
  readonly minLength: number
  /** Shorter keys are not searched. */
  readonly minName: number
  /** Keys that were searched, as they may be shown: names are few. */
  readonly names: Map<string, string>
}

/** Through one record; the same object goes through the next, started again. */
export interface Walk {
  readonly rules: RedactionRules
  /** Characters of one value, about. */
  readonly maxValue: number
  /** Characters of one text, as the user wants it. */
  readonly maxText: number
  /** Shorter texts stay as they are. */
  readonly minLength: number
  /** Left for the value at hand. */
  left: number
  /** Left for the whole record, before its values are cut to a remainder: the encoder keeps no more of them. */
  leftInAll: number
  isCut: boolean
}

/** Longer than any text; a small integer, for which V8 keeps the whole walk's numbers as such. */
export const NO_LIMIT = 0x3fff_ffff

/** Nothing is hidden, only cut. */
export const NO_REDACTION: RedactionRules = {
  keys: { fits: () => false, kindOf: () => undefined, kindInQuery: () => undefined },
  hideText: (text) => text,
  minLength: NO_LIMIT,
  minName: NO_LIMIT,
  names: new Map(),
}

/** Values as long as the record's limit that are searched whole; the others have the remainder. */
const WHOLE_VALUES = 4
const REMAINDER = 256
/** A key with a secret in it is long, where nobody else is shown it. */
export const MIN_NAME = 24

export function createWalk(rules: RedactionRules, maxValue: number, maxText: number = NO_LIMIT): Walk {
  const minLength = Math.min(rules.minLength, maxText)
  return startAgain({ rules, maxValue, maxText, minLength, left: 0, leftInAll: 0, isCut: false })
}

export function startAgain(walk: Walk): Walk {
  walk.left = walk.maxValue + NODE_BYTES
  walk.leftInAll = WHOLE_VALUES * walk.maxValue
  walk.isCut = false
  return walk
}

/** @param isTop  each value has its own share */
export function redactMap(map: AnyValueMap, walk: Walk, isTop = false): AnyValueMap {
  let copy: Record<string, AnyValue | undefined> | undefined
  let hasLongName = false
  const valueField = isTop ? undefined : namedValueField(map, walk.rules.keys)
  for (const key in map) {
    const value = map[key]
    if (value === undefined) continue
    if (isTop) walk.left = walk.maxValue + NODE_BYTES
    if (key.length >= walk.rules.minName && nameOf(key, walk.rules) !== key) hasLongName = true
    const redacted = redactField(key, value, key === valueField ? 'any' : walk.rules.keys.kindOf(key), walk)
    if (!isTop) walk.left -= key.length + NODE_BYTES
    if (redacted === value) continue
    copy ??= { ...map }
    // Its own property already, `__proto__` too: the copy has it from the spread.
    copy[key] = redacted
  }
  return hasLongName ? withoutSecretNames(copy ?? map, walk.rules) : (copy ?? map)
}

function redactField(key: string, value: AnyValue, kind: SecretKind | undefined, walk: Walk): AnyValue {
  if (kind === undefined || !isSecretValue(kind, value)) return redactUnder(key, value, walk)
  walk.left -= sizeOf(value)
  return REDACTED
}

/** As js-value.ts has counted it. */
function sizeOf(value: AnyValue): number {
  if (typeof value === 'string') return value.length + NODE_BYTES
  if (typeof value !== 'object' || value === null) return NODE_BYTES
  if (value instanceof Uint8Array) return value.length + NODE_BYTES
  let size = NODE_BYTES
  if (Array.isArray(value)) for (const item of value as readonly AnyValue[]) size += sizeOf(item)
  else
    for (const [key, item] of Object.entries(value))
      size += key.length + NODE_BYTES + (item === undefined ? 0 : sizeOf(item))
  return size
}

/** Sessions by their token, users by their URL: the secret is the key. */
function withoutSecretNames(map: AnyValueMap, rules: RedactionRules): AnyValueMap {
  const copy: Record<string, AnyValue> = {}
  for (const [key, value] of Object.entries(map)) {
    if (value !== undefined) setField(copy, key.length < rules.minName ? key : nameOf(key, rules), value)
  }
  return copy
}

/** Nothing is hidden in the key itself. */
export function isPlainName(key: string, rules: RedactionRules): boolean {
  return key.length < rules.minName || nameOf(key, rules) === key
}

const MAX_NAMES = 4096
const MAX_NAME = 256

function nameOf(key: string, { names, hideText }: RedactionRules): string {
  if (key.length > MAX_NAME) {
    const start = cutHidden(key, MAX_NAME, hideText)
    return key.startsWith(start) ? key : start
  }
  let name = names.get(key)
  if (name === undefined) {
    name = hideText(key)
    if (names.size >= MAX_NAMES) names.clear()
    names.set(key, name)
  }
  return name
}

function redactUnder(key: string, value: AnyValue, walk: Walk): AnyValue {
  if (Array.isArray(value)) return redactList(value as readonly AnyValue[], walk, key)
  if (typeof value !== 'string' || (key !== ATTR_URL_QUERY && key !== ATTR_URL_FULL)) return redactValue(value, walk)
  return redactUrl(value, walk, key === ATTR_URL_QUERY ? redactQuery : redactUrlQuery)
}

/** Apart from redactUnder: a function that makes a closure has a context allocated at each call. */
function redactUrl(url: string, walk: Walk, hideQuery: typeof redactQuery): string {
  const { keys, hideText } = walk.rules
  return redactText(url, walk, walk.left, (part) => hideText(hideQuery(part, keys)))
}

/** For values that are no fields of a map. */
export function redactValue(value: AnyValue, walk: Walk): AnyValue {
  walk.left -= NODE_BYTES
  switch (typeof value) {
    case 'string':
      return redactText(value, walk)
    case 'number':
    case 'bigint':
      return isCardNumber(value) && walk.rules !== NO_REDACTION ? REDACTED : value
    case 'boolean':
      return value
    default:
      if (value === null || value instanceof Uint8Array) return value
      return Array.isArray(value)
        ? redactItems(value as readonly AnyValue[], walk, '')
        : redactMap(value as AnyValueMap, walk)
  }
}

function redactList(list: readonly AnyValue[], walk: Walk, key: string): readonly AnyValue[] {
  walk.left -= NODE_BYTES
  return redactItems(list, walk, key)
}

/** @param key  of the list itself, `''` for none */
function redactItems(list: readonly AnyValue[], walk: Walk, key: string): readonly AnyValue[] {
  let copy: AnyValue[] | undefined
  const isPairs = isListOfPairs(list)
  const flat = isPairs ? undefined : flatPairsOf(list, key)
  for (let index = 0; index < list.length; index++) {
    const value = list[index] as AnyValue
    const isSecret =
      flat !== undefined && isNameAt(list, index - 1, flat) && isSecretAfter(list[index - 1], value, walk)
    let redacted: AnyValue
    if (isSecret) redacted = REDACTED
    else redacted = isPairs ? redactPair(value as readonly AnyValue[], walk) : redactValue(value, walk)
    if (redacted === value) continue
    copy ??= [...list]
    copy[index] = redacted
  }
  return copy ?? list
}

function redactPair(pair: readonly AnyValue[], walk: Walk): readonly AnyValue[] {
  const [name, value] = pair as [AnyValue, AnyValue]
  return isSecretAfter(name, value, walk) ? [name, REDACTED] : redactList(pair, walk, '')
}

function isSecretAfter(name: AnyValue | undefined, value: AnyValue, walk: Walk): boolean {
  if (typeof name !== 'string') return false
  const kind = walk.rules.keys.kindOf(name)
  if (kind === undefined || !isSecretValue(kind, value)) return false
  walk.left -= sizeOf(value)
  return true
}

/** @param hide  may do more than the general search, within the same window */
export function redactText(
  text: string,
  walk: Walk,
  maxLength: number = walk.left,
  hide: (text: string) => string = walk.rules.hideText,
): string {
  if (text.length < walk.minLength && text.length <= maxLength) {
    walk.left -= text.length
    walk.leftInAll -= text.length
    return text
  }
  const limit = Math.max(0, Math.min(maxLength, walk.leftInAll > 0 ? walk.maxText : REMAINDER))
  walk.left -= text.length
  walk.leftInAll -= Math.min(text.length, limit)
  if (text.length <= limit) return hide(text)
  // What the user's own limit cuts is as it was asked for.
  if (limit !== walk.maxText) walk.isCut = true
  return cutHidden(text, limit, hide)
}
