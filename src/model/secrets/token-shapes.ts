/**
 * Secrets that are known by their own shape, wherever they stand: tokens of vendors, JWTs, PEM blocks, card numbers.
 *
 * All patterns are linear in the text's length (no nested repetition, no restart inside a run), whatever the text.
 */
import { isPlaceholder, REDACTED } from './secret-values.ts'

/** Prefix and body of what vendors issue. Source: their documentation and secret scanners' public rules. */
export const VENDOR_TOKENS: readonly string[] = [
  // GitHub, GitLab
  'gh[pousr]_[A-Za-z0-9]{16,255}',
  'github_pat_\\w{16,255}',
  'gl(?:pat|dt|rt|ft|soat|cbt|ptt|agent|imt|oas)-[\\w.-]{16,255}',
  // Slack
  'xox[abceoprs]-[\\w-]{11,255}',
  'xapp-\\d-[\\w-]{10,255}',
  // Stripe and its like; OpenAI, Anthropic
  '[sr]k_(?:live|test|prod)_[A-Za-z0-9]{8,255}',
  'whsec_[A-Za-z0-9+/=]{16,255}',
  'sk-(?:proj-|ant-|svcacct-|or-v1-)?[\\w-]{20,255}',
  // Google
  'AIza[\\w-]{30,60}',
  'ya29\\.[\\w-]{16,512}',
  'GOCSPX-[\\w-]{16,64}',
  // Amazon
  '(?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16}(?![A-Za-z0-9])',
  // Package registries
  'npm_[A-Za-z0-9]{30,64}',
  'pypi-[\\w-]{32,512}',
  'dckr_pat_[\\w-]{20,64}',
  'rubygems_[a-f0-9]{32,64}',
  // Mail, chat, hosting, monitoring, data
  'SG\\.[\\w-]{16,64}\\.[\\w-]{16,64}',
  'xkeysib-[a-f0-9]{32,128}(?:-\\w{8,32})?',
  'do[por]_v1_[a-f0-9]{32,128}',
  'shp(?:at|ca|pa|ss)_[a-fA-F0-9]{24,64}',
  'hv[sbr]\\.[\\w-]{20,512}',
  'hf_[A-Za-z0-9]{24,64}',
  'gsk_[A-Za-z0-9]{32,64}',
  'r8_[A-Za-z0-9]{32,64}',
  'lin_api_[A-Za-z0-9]{24,64}',
  'figd_[\\w-]{24,64}',
  'glsa_[A-Za-z0-9_]{24,64}',
  'sq0(?:atp|csp)-[\\w-]{16,64}',
  'PMAK-[a-f0-9]{16,64}-[a-f0-9]{16,64}',
  'NRAK-[A-Z0-9]{20,64}',
  'ATATT3[\\w=-]{32,512}',
  'AGE-SECRET-KEY-1[A-Z0-9]{40,80}',
  'sntrys_[\\w+/=-]{32,512}',
  'dapi[a-f0-9]{32}(?![A-Za-z0-9])',
  'key-[a-f0-9]{32}(?![A-Za-z0-9])',
  '\\d{8,10}:AA[\\w-]{32,36}(?![\\w-])',
]

const VENDOR = new RegExp(`(?<![A-Za-z0-9_-])(?:${VENDOR_TOKENS.join('|')})`, 'g')

/** In the paths of web hooks everything after the host is the key. */
const WEB_HOOK =
  /(hooks\.slack\.com\/(?:services|workflows|triggers)\/|discord(?:app)?\.com\/api\/webhooks\/|api\.telegram\.org\/bot|webhook\.office\.com\/webhookb2\/)[^\s"'<>)?#]{8,512}/g

/** Blocks, also cut ones and those with escaped line ends. */
const PEM =
  /-----BEGIN [A-Z0-9 ]{1,60}-----(?:(?!-----BEGIN )[\s\S])*?(?:-----END [A-Z0-9 ]{1,60}-----|(?=-----BEGIN )|$)/g
/** JSON web tokens, and JWE with its five parts. */
const JWT = /(?<![\w-])eyJ[\w-]{5,}(?:\.[\w-]*){1,4}/g

const BEARER = /\b((?:[Bb]earer|BEARER)\s{1,4})([A-Za-z0-9\-._~+/]{3,}=*)/g
const BASIC = /\b([Bb]asic\s)([A-Za-z0-9+/]{6,1024}={0,2})(?![A-Za-z0-9+/=])/g
/** `curl -u ann:hunter2`. */
const USER_OPTION = /(\s(?:-u|--user|--proxy-user)[ =]['"]?[^\s:'"]{1,128}:)[^\s'"]{1,256}/g

/** 13 digits and more, in one or in the groups that are printed on cards. */
const CARD =
  /(?<![\w.,:+-])(?:3[47]\d{2}[ -]?\d{6}[ -]?\d{5}|3(?:0[0-5]|[68]\d)\d[ -]?\d{6}[ -]?\d{4}|(?:4\d{3}|5[1-5]\d{2}|2[2-7]\d{2}|6(?:011|5\d{2}|4[4-9]\d|2\d{2})|35\d{2})([ -]?)\d{4}\1\d{4}\1\d{4})(?![\w]|[.,:-]\w)/g
/** `ALTER USER ann PASSWORD 'x'`. */
const SQL_PASSWORD = /\b(password|passwd|identified by)(\s{1,4}')([^']{1,256})(?=')/gi
/** Fixed counts only: four times as fast as the pattern itself. */
export const CARD_LIKE: RegExp = /\d\d\d\d[ -]?\d\d\d\d/

/** The shortest of the tokens above; words are shorter, nearly all. */
const LONG_WORD = 16
/** Hides every secret of these shapes. */
export function hideTokens(text: string): string {
  let result = text
  if (hasLongWord(text)) {
    if (result.includes('eyJ')) result = result.replace(JWT, REDACTED)
    result = result.replace(VENDOR, REDACTED)
    if (result.includes('hook') || result.includes('.org/bot')) result = result.replace(WEB_HOOK, `$1${REDACTED}`)
  }
  if (result.includes('-----BEGIN')) result = result.replace(PEM, REDACTED)
  if (SCHEME.test(result)) result = result.replace(BEARER, hideBearer).replace(BASIC, hideBasic)
  if (result.includes('-u')) result = result.replace(USER_OPTION, `$1${REDACTED}`)
  if (result.includes("'")) result = result.replace(SQL_PASSWORD, hideSqlPassword)
  if (CARD_LIKE.test(result)) result = result.replace(CARD, hideCard)
  return result
}

/** `Bearer x`, `Basic x`. */
const SCHEME: RegExp = /[Bb](?:earer|asic)\s|BEARER\s/

/** Looks at one of so many characters, where words are short. */
function hasLongWord(text: string): boolean {
  let from = 0
  while (from + LONG_WORD <= text.length) {
    let at = from + LONG_WORD - 1
    while (at >= from && isWordCode(text.charCodeAt(at))) at--
    if (at < from) return true
    from = at + 1
  }
  return false
}

/** Letters, digits, `_` and `-`. */
function isWordCode(code: number): boolean {
  return (
    (code >= 97 && code <= 122) ||
    (code >= 48 && code <= 57) ||
    (code >= 65 && code <= 90) ||
    code === 95 ||
    code === 45
  )
}

function hideSqlPassword(match: string, word = '', before = '', value = ''): string {
  return isPlaceholder(value) ? match : `${word}${before}${REDACTED}`
}

/** Numbers of cards that came as numbers. */
export function isCardNumber(value: number | bigint): boolean {
  if (value < 3e13 || value > 6.6e15) return false
  const text = String(value)
  return text.replace(CARD, hideCard) === REDACTED
}

/** `Bearer` and a word of the language is a sentence, `Bearer realm="x"` a challenge, anything else a token. */
function hideBearer(match: string, scheme = '', token = ''): string {
  const isWord = token.length < 20 && /^[A-Za-z]?[a-z]*[-.=]?[a-z]*$/.test(token)
  return isWord ? match : `${scheme}${REDACTED}`
}

/** A login in base64 has a colon in it; `Basic Authentication` and `Visual Basic Programming` are words. */
function hideBasic(match: string, scheme = '', token = ''): string {
  let login: string
  try {
    login = atob(token)
  } catch {
    return match
  }
  const isText = !/[^ -~\u0080-\u00ff]/.test(login)
  return isText && login.includes(':') ? `${scheme}${REDACTED}` : match
}

function hideCard(match: string): string {
  let sum = 0
  let isDoubled = false
  for (let index = match.length - 1; index >= 0; index--) {
    const digit = match.charCodeAt(index) - 48
    if (digit < 0 || digit > 9) continue
    const value = isDoubled ? digit * 2 : digit
    sum += value > 9 ? value - 9 : value
    isDoubled = !isDoubled
  }
  return sum % 10 === 0 ? REDACTED : match
}
