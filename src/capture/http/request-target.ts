/**
 * What is a request's target made of? Path and query apart.
 *
 * As they came: secrets are hidden in one place, before every sink (process/redactor.ts).
 */

export interface RequestTarget {
  /** Begins with `/`, or is `*`. No query, no fragment. */
  readonly path: string
  /** Without `?`; `undefined` when there is none. */
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
  return { path: local.slice(0, mark), query: query === '' ? undefined : query }
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
