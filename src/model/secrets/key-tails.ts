/**
 * Can a secret key end like this? The last three letters answer for nearly every key of every text, before anything is cut out
 * or compared: one look into a table.
 */
import { SAME_SECRET, SECRET_WORDS } from './secret-words.ts'

/** Letters a to z, and one sign for all else. */
const SIGNS = 27
const OTHER = 26
const CAPITAL_D = 68

/** `key_1]`: what may stand behind the letters. */
const MAX_BEHIND = 6

export interface KeyTails {
  /** Whether the key that ends before `end` is worth a closer look. */
  fits(text: string, end: number): boolean
}

/** @param addedKeys  the user's own, as written */
export function createKeyTails(addedKeys: readonly string[]): KeyTails {
  // Made for the first key: a process that writes nothing asks for none.
  let table: Uint8Array | undefined
  // Keys that end in other letters than ours cannot be told by them.
  const isOpen = addedKeys.some((key) => !/[a-z][\d\]]{0,6}$/i.test(key.trim()))
  return {
    fits(text, end) {
      if (isOpen) return true
      // `user%5Bpassword%5D`
      let last = text.charCodeAt(end - 1) === CAPITAL_D && text.startsWith('%5D', end - 3) ? end - 4 : end - 1
      const lowest = Math.max(0, end - MAX_BEHIND)
      while (last >= lowest && signOf(text.charCodeAt(last)) === OTHER) last--
      if (last < lowest) return false
      const first = last > 1 ? signOf(text.charCodeAt(last - 2)) : OTHER
      const second = last > 0 ? signOf(text.charCodeAt(last - 1)) : OTHER
      table ??= tableOf(addedKeys)
      return table[(first * SIGNS + second) * SIGNS + signOf(text.charCodeAt(last))] === 1
    },
  }
}

function tableOf(addedKeys: readonly string[]): Uint8Array {
  const table = new Uint8Array(SIGNS ** 3)
  for (const tail of [...tailsOf(SECRET_WORDS.map(({ word }) => word)), ...tailsOf(SAME_SECRET)]) add(table, tail)
  for (const tail of tailsOf(addedKeys.map((key) => key.trim().toLowerCase()))) add(table, tail)
  return table
}

/** Of `session id` both `nid` and ` id`: camelCase and snake_case. */
function tailsOf(words: readonly string[]): readonly string[] {
  return words.flatMap((word) => {
    const letters = word.replace(/[^a-z]+$/, '')
    const parted = letters.replace(/[^a-z]+/g, ' ')
    return [` ${letters.replace(/[^a-z]/g, '')}`, ` ${parted}`]
  })
}

function add(table: Uint8Array, tail: string): void {
  const end = tail.length
  const [first, second, third] = [3, 2, 1].map((back) => signOf(tail.charCodeAt(end - back))) as [
    number,
    number,
    number,
  ]
  table[first * SIGNS * SIGNS + second * SIGNS + third] = 1
}

function signOf(code: number): number {
  const letter = (code | 32) - 97
  return letter >= 0 && letter < 26 && code < 128 ? letter : OTHER
}
