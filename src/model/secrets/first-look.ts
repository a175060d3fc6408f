/**
 * Can there be a secret in this text at all? The first look, which says no for nearly every text, at a fraction of the search.
 *
 * It can have no miss: each form that the search hides has a sign here that is a part of the form. A sign of pairs counts where a
 * secret key can end before it, asked as the search asks. Cards alone have no sign but their digits, which are sampled.
 * Signs begin with rare characters, for V8 skips to those; one that begins with a digit makes the look ten times as dear.
 * A false alarm costs one search. Whoever adds a form adds its sign, and its text to test/fixtures/secrets.
 */
import { nameEnd } from './keys-in-text.ts'
import { endBeforeBlanks, endsLikeValueField } from './pair-forms.ts'
import type { SecretKeys } from './secret-keys.ts'
import { CARD_LIKE } from './token-shapes.ts'
import { mayHoldLogin } from './url-logins.ts'

/** Shorter texts are not searched: with what gives it away (`pwd=x`), one character is left of a secret. */
export const MIN_LENGTH = 6

/** In themselves enough for a search. Looked for before the signs of pairs, which are a part of some of them. */
const TELLING = [
  // A bot's token: 12345678:AA...
  String.raw`:AA[\w-]{8}`,
  // PASSWORD 'x', identified by 'x'
  String.raw`(?<=[dDyY]\s{1,4})'`,
  // --password x, -----BEGIN, -u ann:x
  '--[A-Za-z]|-----B',
  String.raw`(?<=\s)-u`,
  String.raw`[Bb](?:earer|asic)\s|BEARER\s`,
  // Vendors' tokens: one of these marks and a long body, or a name of their own.
  String.raw`[_.-][\w-]{11}`,
  '(?<=whsec|sntrys|gl[a-z]{2,5})[_-]',
  'A(?:Iza|TATT|[KSB]IA|CCA)|(?<=da)pi[a-f0-9]{8}',
  // JSON web tokens
  '(?<=ey)J',
  // Web hooks: their hosts
  String.raw`\.(?:com|org)/`,
]

/** After a key, or before the host of a URL: told by what is beside them. No key ends in a slash (`/items/:id`). */
const OF_PAIRS = String.raw`[=>@]|:(?!//)(?<!/:)|["'\`],`

export function createFirstLook(keys: SecretKeys): (text: string) => boolean {
  const sign = new RegExp([...TELLING, OF_PAIRS].join('|'), 'g')
  return (text) => {
    if (text.length < MIN_LENGTH) return false
    if (text.length <= MAX_GLANCE && isWithoutSign(text)) return mayHoldCard(text)
    sign.lastIndex = 0
    let hasAt = false
    while (sign.test(text)) {
      const last = sign.lastIndex - 1
      if (text.charCodeAt(last) === AT) hasAt = true
      else if (isTelling(text, last, keys)) return true
    }
    return (hasAt && mayHoldLogin(text)) || mayHoldCard(text)
  }
}

/** Longer texts are for the expression, which skips. Characters. */
const MAX_GLANCE = 96

/** What a character may be the beginning of. A `b` of `bearer` and `basic`, a `p` of a token after `da`; all else counts by itself. */
const NO_SIGN = 0
const SIGN = 1
const SIGN_BEFORE_E_OR_A = 2
const SIGN_AFTER_A = 3

const GLANCES = createGlances()

function createGlances(): Uint8Array {
  const glances = new Uint8Array(128)
  for (const character of `:'-_.AJ=>@"\``) glances[character.charCodeAt(0)] = SIGN
  for (const character of 'Bb') glances[character.charCodeAt(0)] = SIGN_BEFORE_E_OR_A
  glances['p'.charCodeAt(0)] = SIGN_AFTER_A
  return glances
}

/**
 * Whether no sign can be in a short text, by its characters alone: an expression of many alternatives is much code to run for `item read`.
 *
 * @returns false: the expression has to say it
 */
function isWithoutSign(text: string): boolean {
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code > 127) return false
    const glance = GLANCES[code]
    if (glance === NO_SIGN) continue
    if (glance === SIGN) return false
    // `|`: of either case.
    const beside = text.charCodeAt(glance === SIGN_AFTER_A ? at - 1 : at + 1) | 32
    if (beside === LETTER_A || (beside === LETTER_E && glance === SIGN_BEFORE_E_OR_A)) return false
  }
  return true
}

const LETTER_A = 97
const LETTER_E = 101
const COLON = 58
const EQUALS = 61
const GREATER = 62
const COMMA = 44
const AT = 64
const ZERO = 48
const NINE = 57

/** @param at  of the sign's last character */
function isTelling(text: string, at: number, keys: SecretKeys): boolean {
  switch (text.charCodeAt(at)) {
    case COLON:
    case EQUALS: {
      const end = endBeforeBlanks(text, at, 0)
      return keys.fits(text, nameEnd(text, end)) || endsLikeValueField(text, end)
    }
    case GREATER:
    case COMMA:
      return keys.fits(text, nameEnd(text, at))
    default:
      return true
  }
}

/** A card has 14 characters and more, and a digit in each two neighbours: so far apart, one of the looks meets it. */
const STEP = 13

function mayHoldCard(text: string): boolean {
  for (let at = STEP; at < text.length; at += STEP) {
    const code = text.charCodeAt(at)
    if (code > NINE) continue
    if (isDigit(code) || isDigit(text.charCodeAt(at - 1))) return CARD_LIKE.test(text)
  }
  return false
}

function isDigit(code: number): boolean {
  return code >= ZERO && code <= NINE
}
