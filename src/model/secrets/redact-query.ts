/**
 * Hides the values of secret keys in what is known to be a URL's query: the attributes `url.query` and `url.full`.
 *
 * Cut into keys and values, which a search in a text (redact-text.ts) cannot be sure of: a value goes to the next `&` whatever
 * is in it, and an escaped key is the key that it stands for. In an application process/ does it, of access lines their reader.
 */
import { createSecretKeys, type SecretKeys } from './secret-keys.ts'
import { isSecretText, REDACTED } from './secret-values.ts'

const BUILT_IN = createSecretKeys()

/** The query (without `?`) with the values of secret keys replaced; everything else byte for byte. */
export function redactQuery(query: string, keys: SecretKeys = BUILT_IN): string {
  if (!query.includes('=')) return query
  return query
    .split('&')
    .map((pair) => {
      const equals = pair.indexOf('=')
      const kind = equals > 0 && equals < pair.length - 1 ? keys.kindInQuery(pair.slice(0, equals)) : undefined
      const isSecret = kind !== undefined && isSecretText(kind, pair.slice(equals + 1))
      return isSecret ? `${pair.slice(0, equals)}=${REDACTED}` : pair
    })
    .join('&')
}

/** The same for a URL; its fragment stays. */
export function redactUrlQuery(url: string, keys: SecretKeys = BUILT_IN): string {
  const mark = url.indexOf('?')
  if (mark === -1) return url
  const hash = url.indexOf('#', mark)
  const end = hash === -1 ? url.length : hash
  return `${url.slice(0, mark + 1)}${redactQuery(url.slice(mark + 1, end), keys)}${url.slice(end)}`
}
