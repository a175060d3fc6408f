/**
 * The Collector's redaction as it follows from the application's table of words (src/model/secrets/): regular expressions of Go,
 * which looks neither back nor ahead and cannot see a value's type.
 *
 * collector/ holds the result as text, since a role is one file that is copied to a host; a test says what to write when the
 * table has changed (test/stack/config/redaction-table.test.ts).
 */
import { SAME_SECRET, SECRET_WORDS, type SecretKind, type SecretWord } from '../../src/model/secrets/secret-words.ts'
import { VENDOR_TOKENS } from '../../src/model/secrets/token-shapes.ts'

/** Kinds of which every value is hidden: of the others the value decides, and here only the key is seen. */
const BY_KEY: readonly SecretKind[] = ['any', 'count', 'directory']

function wordsAt(at: SecretWord['at'], kinds: readonly SecretKind[] = BY_KEY): readonly string[] {
  return SECRET_WORDS.filter((word) => word.at === at && kinds.includes(word.kind)).map(({ word }) => word)
}

function either(words: readonly string[], joint: string): string {
  return words.map((word) => word.replaceAll(' ', joint)).join('|')
}

const capital = (word: string): string => `${word[0]?.toUpperCase()}${word.slice(1)}`

/** Of `blocked_key_patterns`. `$$` is the Collector's `$`. */
export function keyPattern(): string {
  const joint = '[._-]?'
  const words = wordsAt('word')
  const before = [
    `(?i:${either(wordsAt('end'), joint)})`,
    `(?:^|[^A-Za-z0-9])(?i:${either(words, joint)})`,
    `[a-z0-9](?:${either(words.map(capital), joint)})`,
    `(?:^|[.\\[])(?i:${either(wordsAt('whole'), joint)})`,
  ].join('|')
  return `(?:${before})(?i:[._-]?(?:${SAME_SECRET.join('|')})){0,2}[._-]?[0-9]{0,3}\\]?$$`
}

/** Of `blocked_values`: a key and its value in a JSON text, also within another. */
export function jsonPattern(): string {
  const words = [...wordsAt('end'), ...wordsAt('word')]
  return `"(?i:[a-z0-9._-]*(${either(words, '[._-]?')}))\\\\*"\\s?:\\s?\\\\*"[^"]*"`
}

/** Those that are common and begin with fixed text, which Go finds 40 times as fast as words to choose from. */
const COMMON = ['gh', 'xox', '[sr]k_', 'AIza', 'npm_', 'SG', 'do[', 'gl(']

/** Of `blocked_values`: tokens of vendors. */
export function vendorPatterns(): readonly string[] {
  return VENDOR_TOKENS.filter((token) => COMMON.some((beginning) => token.startsWith(beginning)))
    .flatMap((token) =>
      token.startsWith('[sr]k_') ? [token.replace('[sr]', 's'), token.replace('[sr]', 'r')] : [token],
    )
    .map((token) => token.replaceAll('?:', ''))
}

/** What a value has that is no plain word and no short number. */
const OPAQUE =
  '[^&]*[^&A-Za-z0-9._ -][^&]*|[^&]*[A-Za-z][^&]*[0-9][^&]*|[^&]*[0-9][^&]*[A-Za-z][^&]*|[0-9]{6,}[^&]*|[A-Za-z]{16,}[^&]*'

/** Of the load balancers' receivers: `replace_pattern` of `url.query`, in this order; the key is `$1$2`. */
export function queryPatterns(): readonly string[] {
  const joint = '[._-]?'
  const anywhere = [...wordsAt('end'), ...wordsAt('word'), ...wordsAt('whole'), ...wordsAt('query')]
  const opaque = [...wordsAt('query', ['opaque']), ...wordsAt('whole', ['opaque'])]
  const codes = [...wordsAt('query', ['code']), ...wordsAt('whole', ['code'])]
  const suffix = `(?:[._-]?(?:${SAME_SECRET.join('|')})){0,2}[0-9]{0,3}(?:\\]|%5d)?`
  const before = '(?:[^&=]*(?:[._-]|\\[|%5b))?'
  const camel = `[^&=]*(?-i:[a-z0-9](?:${either(wordsAt('word').map(capital), joint)}))`
  const keys = [`[^&=]*(?:${either(wordsAt('end'), joint)})`, camel, `${before}(?:${either(anywhere, joint)})`]
  return [
    `(?i)(^|&)((?:${keys.join('|')})${suffix})=[^&]+`,
    `(?i)(^|&)(${before}(?:${either(opaque, joint)}))=(?:${OPAQUE})`,
    `(?i)(^|&)(${before}(?:${either(codes, joint)}))=(?:${OPAQUE}|[A-Za-z]{4,}[^&]*|(?-i:[a-z]{3}))`,
  ]
}
