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
