/**
 * Hides the values of secret keys in what is known to be a URL's query: the attributes `url.query` and `url.full`.
 *
 * Cut into keys and values, which a search in a text (redact-text.ts) cannot be sure of: a value goes to the next `&` whatever
 * is in it, and an escaped key is the key that it stands for. In an application process/ does it, of access lines their reader.
 */
/** What stands for a value that is hidden. */
export const REDACTED = '[redacted]'

/** Compared in lower case. Source: semantic conventions, `url.query`; the rest: spec, security. */
const SECRET_KEYS: ReadonlySet<string> = new Set([
  'awsaccesskeyid',
  'signature',
  'sig',
  'x-goog-signature',
  'x-amz-signature',
  'x-amz-security-token',
  'x-amz-credential',
  'token',
  'access_token',
  'refresh_token',
  'id_token',
  'api_key',
  'apikey',
  'key',
  'password',
  'passwd',
  'pwd',
  'secret',
  'client_secret',
  'code',
  'state',
])

/** The query (without `?`) with the values of secret keys replaced; everything else byte for byte. */
export function redactQuery(query: string): string {
  if (!query.includes('=')) return query
  return query
    .split('&')
    .map((pair) => {
      const equals = pair.indexOf('=')
      const isSecret = equals > 0 && equals < pair.length - 1 && SECRET_KEYS.has(keyOf(pair.slice(0, equals)))
      return isSecret ? `${pair.slice(0, equals)}=${REDACTED}` : pair
    })
    .join('&')
}

/** The same for a URL; its fragment stays. */
export function redactUrlQuery(url: string): string {
  const mark = url.indexOf('?')
  if (mark === -1) return url
  const hash = url.indexOf('#', mark)
  const end = hash === -1 ? url.length : hash
  return `${url.slice(0, mark + 1)}${redactQuery(url.slice(mark + 1, end))}${url.slice(end)}`
}

/** `%74oken` is `token` for the server that reads it. */
function keyOf(text: string): string {
  if (!text.includes('%')) return text.toLowerCase()
  try {
    return decodeURIComponent(text).toLowerCase()
  } catch {
    return text.toLowerCase()
  }
}
