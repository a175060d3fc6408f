/**
 * Is the value under this key a secret, and of which kind? Asked for attributes, for keys inside texts and for queries alike.
 *
 * Keys are compared as words: camelCase, snake_case, kebab-case, dots, brackets and blanks all part them.
 */
import { createKeyTails } from './key-tails.ts'
import type { SecretKind } from './secret-words.ts'
import { kindOfWords } from './word-ends.ts'

export interface SecretKeyOptions {
  /** Keys to hide besides those of the table: whole, or after the last dot or bracket. As written; default none. */
  readonly addedKeys?: readonly string[]
  /** Keys not to hide, in the same way; what only ends in one stays hidden. As written; default none. */
  readonly removedKeys?: readonly string[]
}

export interface SecretKeys {
  /** `undefined`: its value is none. */
  kindOf(key: string): SecretKind | undefined
  /** The same for a key of a URL's query, where more words count; `%74oken` is `token`. */
  kindInQuery(key: string): SecretKind | undefined
  /** Whether the key that ends before `end` in a text is worth asking for; nearly none is. */
  fits(text: string, end: number): boolean
}

/** Keys whose answer is remembered; look-up is a tenth of the comparison. */
const MAX_REMEMBERED = 4096
/** Of a longer key only the end is looked at: there the word is. Characters. */
const MAX_LOOKED_AT = 128

export function createSecretKeys({ addedKeys = [], removedKeys = [] }: SecretKeyOptions = {}): SecretKeys {
  const added = new Set(addedKeys.map(joined))
  const removed = new Set(removedKeys.map(joined))
  const tails = createKeyTails(addedKeys)

  function judge(key: string, isInQuery: boolean): SecretKind | undefined {
    const end = key.slice(-MAX_LOOKED_AT)
    const last = lastPart(end)
    const names = [joined(end), joined(last)]
    if (names.some((name) => removed.has(name))) return undefined
    if (names.some((name) => added.has(name))) return 'any'
    const words = wordsOf(end)
    return QUESTION.test(words) ? undefined : kindOfWords(words, wordsOf(last), isInQuery)
  }

  return {
    fits: (text, end) => tails.fits(text, end),
    kindOf: remembering((key) => (tails.fits(key, key.length) ? judge(key, false) : undefined)),
    kindInQuery: remembering((key) => judge(key.includes('%') ? decoded(key) : key, true)),
  }
}

function remembering(judge: (key: string) => SecretKind | undefined): (key: string) => SecretKind | undefined {
  // `null`: no secret. One look-up answers, which with `undefined` took two.
  const remembered = new Map<string, SecretKind | null>()
  return (key) => {
    const known = remembered.get(key)
    if (known !== undefined) return known ?? undefined
    if (key.length > MAX_LOOKED_AT) return judge(key)
    const kind = judge(key)
    if (remembered.size >= MAX_REMEMBERED) remembered.clear()
    // Not the key itself: it may be a slice that holds a large text in memory.
    remembered.set(flat(key), kind ?? null)
    return kind
  }
}

/** A copy that shares nothing with the text it was cut from. */
function flat(key: string): string {
  return key.length < 13 ? key : JSON.parse(JSON.stringify(key))
}

/** Says whether there is one: `isSecret`, `hasPassword`. */
const QUESTION = /^(?:is|has|needs|requires)_/

/** `userPassword` and `USER-PASSWORD` are user_password, `user[password]` and `passwords[password][0]` password. */
function wordsOf(key: string): string {
  const plain = key
    .replace(/%5b/gi, '[')
    .replace(/%5d/gi, ']')
    .replace(/\[\d*\]?$/, '')
  return plain
    .slice(plain.lastIndexOf('[') + 1)
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .replace(/([A-Z])([A-Z][a-z])/g, '$1_$2')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '_')
    .replace(/^_|_$/g, '')
}

/** `db.user[password]` -> `password`. */
function lastPart(key: string): string {
  const end = /[\].]$/.test(key) ? key.length - 1 : key.length
  const start = Math.max(key.lastIndexOf('.', end - 1), key.lastIndexOf('[', end - 1), key.lastIndexOf(':', end - 1))
  return key.slice(start + 1, end)
}

function joined(key: string): string {
  return key.toLowerCase().replace(/[-_.\s]/g, '')
}

function decoded(key: string): string {
  try {
    return decodeURIComponent(key)
  } catch {
    return key
  }
}
