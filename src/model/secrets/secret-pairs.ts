/**
 * Hides the value after a secret key inside a text, however the two are written: `key=v`, `key: v`, `"key":"v"`, `'key' => 'v'`,
 * `--key v`, `Cookie: sid=x`, `[ 'cookie', 'sid=x' ]`, `name: 'key', value: 'v'`, `<key>v</key>`, JSON within JSON.
 *
 * One pass from separator to separator: the key before it is judged as any key is (secret-keys.ts), then what follows is read.
 * Each step looks at a bounded window or moves on behind what it has read, so that the time is linear in the text's length.
 */
import { bareValue, headerValue, type BareStyle } from './bare-values.ts'
import { keyBefore, type TextKey } from './keys-in-text.ts'
import { elementText, endBeforeBlanks, formPart, namedBefore, optionValue, secondOfPair } from './pair-forms.ts'
import { type Extent, quoteAt, quotedValue, structureAt } from './quoted-values.ts'
import type { SecretKeys } from './secret-keys.ts'
import { isSecretText, REDACTED } from './secret-values.ts'

const MAX_BLANKS = 24
const HEADER = /^(?:proxy-)?authorization$|cookies?2?$/i

/** What may stand between a key and its value, and the dashes before an option. */
const SEPARATOR = /[=:>]|["'`],|--(?=[A-Za-z])/g
const COLON = 58
const EQUALS = 61
const COMMA = 44
const DASH = 45

/** @returns hides in one text */
export function createPairHider(keys: SecretKeys): (text: string) => string {
  return (text) => {
    let result = ''
    let copied = 0
    SEPARATOR.lastIndex = 0
    while (SEPARATOR.test(text)) {
      const next = SEPARATOR.lastIndex
      const value = valueAround(text, next - 1, copied, keys)
      if (value === undefined || value.start < copied) continue
      result += text.slice(copied, value.start) + REDACTED
      copied = value.end
      SEPARATOR.lastIndex = Math.max(next, value.end)
    }
    return copied === 0 ? text : result + text.slice(copied)
  }
}

/** @param at  of what may be a separator */
function valueAround(text: string, at: number, min: number, keys: SecretKeys): Extent | undefined {
  switch (text.charCodeAt(at)) {
    case COLON:
    case EQUALS:
      return valueAfter(text, at, min, keys)
    case COMMA:
      return listed(text, at, min, keys)
    case DASH:
      return optionAt(text, at + 1, min, keys)
    default:
      return elementAt(text, at, min, keys)
  }
}

/** `key: v`, `key=v`, `'key' => 'v'`, `value: 'v'` after a name. */
function valueAfter(text: string, at: number, min: number, keys: SecretKeys): Extent | undefined {
  const next = text[at + 1]
  if (next === '=' || next === '~' || (next === ':' && text[at] === ':') || text.startsWith('//', at + 1))
    return undefined
  const end = endBeforeBlanks(text, at, min)
  const key = keyBefore(text, end, min, keys)
  if (key === undefined) {
    const named = namedBefore(text, at, end, keys)
    if (named !== undefined) return readValue(text, named, at + 1, '=')
    return text[at] === '=' && (next === '"' || next === '\\') ? formPart(text, at, end, keys) : undefined
  }
  if (text[at] === ':') return readValue(text, key, at + 1, ': ')
  return next === '>' ? readValue(text, key, at + 2, '=>') : readValue(text, key, at + 1, end < at ? ' = ' : '=')
}

function readValue(text: string, key: TextKey, from: number, separator: BareStyle | '=>'): Extent | undefined {
  let at = from
  while (at < text.length && at - from < MAX_BLANKS && /\s/.test(text[at] as string)) at++
  const quote = quoteAt(text, at)
  if (quote !== undefined) return judged(text, key, quotedValue(text, quote))
  if (key.kind !== 'opaque') {
    const structure = structureAt(text, at)
    if (structure !== undefined) return structure.end - structure.start > 2 ? structure : undefined
  }
  if (separator === '=>') return undefined
  if (separator === ': ' && HEADER.test(key.text)) {
    const header = headerValue(text, key, at)
    if (header !== undefined) return header ?? undefined
  }
  return bareValue({ text, key, at, style: separator === ': ' && at === from ? ':' : separator })
}

function judged(text: string, { kind }: TextKey, extent: Extent): Extent | undefined {
  const value = text.slice(extent.start, extent.end)
  // A template that is still to be filled is source code.
  if (text[extent.start - 1] === '`' && value.includes('${')) return undefined
  return isSecretText(kind, value) ? extent : undefined
}

function listed(text: string, at: number, min: number, keys: SecretKeys): Extent | undefined {
  const key = keyBefore(text, at, min, keys)
  const value = key?.isQuoted === true ? secondOfPair(text, key, at + 1, keys) : undefined
  return key === undefined || value === undefined ? undefined : judged(text, key, value)
}

/** `<password>x</password>`; not `=>`. */
function elementAt(text: string, at: number, min: number, keys: SecretKeys): Extent | undefined {
  const before = text[at - 1]
  if (before === '=' || before === '-' || before === ' ') return undefined
  const key = keyBefore(text, at, min, keys)
  const opening = key === undefined ? undefined : text[key.start - 1]
  return opening === '<' || opening === ':' ? elementText(text, at + 1) : undefined
}

/** `--password hunter2`. @param start  behind the dashes */
function optionAt(text: string, start: number, min: number, keys: SecretKeys): Extent | undefined {
  const end = optionValue(text, start)
  if (end === undefined) return undefined
  const key = keyBefore(text, end, min, keys)
  if (key === undefined) return undefined
  const quote = quoteAt(text, end + 1)
  if (quote !== undefined) return judged(text, key, quotedValue(text, quote))
  return bareValue({ text, key, at: end + 1, style: ': ' })
}
