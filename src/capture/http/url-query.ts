/**
 * What of a request's target may be written down? Path and query apart, the query's secret values replaced.
 *
 * Here and not only in process/: a query is cut into keys and values while it is known to be one.
 */

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
  'secret',
  'client_secret',
  'code',
  'state',
])

const REDACTED = 'REDACTED'

export interface RequestTarget {
  /** Begins with `/`, or is `*`. No query, no fragment. */
  readonly path: string
  /** Without `?`, redacted; `undefined` when there is none. */
  readonly query: string | undefined
}

/** @param target  the request line's target: `/path?query`, `http://host/path`, `*`, or `host:port` of a CONNECT */
export function parseTarget(target: string): RequestTarget {
  const hash = target.indexOf('#')
  const whole = hash === -1 ? target : target.slice(0, hash)
  const local = whole.startsWith('/') ? whole : withoutOrigin(whole)
  const mark = local.indexOf('?')
  if (mark === -1) return { path: local, query: undefined }
  const query = local.slice(mark + 1)
  return { path: local.slice(0, mark), query: query === '' ? undefined : redactQuery(query) }
}

/** Absolute form (`GET http://host/path`) is what clients send to proxies. */
function withoutOrigin(target: string): string {
  const scheme = target.indexOf('://')
  if (scheme === -1) return target
  const slash = target.indexOf('/', scheme + 3)
  if (slash !== -1) return target.slice(slash)
  const mark = target.indexOf('?', scheme + 3)
  return mark === -1 ? '/' : `/${target.slice(mark)}`
}

/** The query with the values of secret keys replaced; everything else byte for byte. */
export function redactQuery(query: string): string {
  if (!query.includes('=')) return query
  return query
    .split('&')
    .map((pair) => {
      const equals = pair.indexOf('=')
      return equals > 0 && SECRET_KEYS.has(keyOf(pair.slice(0, equals))) ? `${pair.slice(0, equals)}=${REDACTED}` : pair
    })
    .join('&')
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

/** `/health*` and the like as a test; `*` stands for any characters. */
export function createPathMatcher(globs: readonly string[]): (path: string) => boolean {
  const exact = new Set(globs.filter((glob) => !glob.includes('*')))
  const patterns = globs
    .filter((glob) => glob.includes('*'))
    .map((glob) => new RegExp(`^${glob.split('*').map(escapeRegExp).join('.*')}$`, 's'))
  return (path) => exact.has(path) || patterns.some((pattern) => pattern.test(path))
}

/** `RegExp.escape` is not there on Node 22. */
function escapeRegExp(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/-]/g, String.raw`\$&`)
}
