/**
 * The page's state as an address, and back: which view, which query, which row. Pure: the browser's history is state.ts's.
 */

/** What of an address is state. `undefined`, `''` and an empty list take a parameter away. */
export type Changes = Readonly<Record<string, string | readonly string[] | undefined>>

export interface Place {
  /** `/`, `/logs`, `/traces/4bf92f35…` */
  readonly path: string
  readonly params: URLSearchParams
}

export function placeOf(address: string): Place {
  const url = new URL(address, 'http://localhost')
  return { path: url.pathname, params: url.searchParams }
}

/** Of the place. */
export function addressOf({ path, params }: Place): string {
  const text = params.toString()
  return text === '' ? path : `${path}?${text}`
}

/** The same place with some parameters changed. */
export function changed({ path, params }: Place, changes: Changes): Place {
  const next = new URLSearchParams(params)
  for (const [name, value] of Object.entries(changes)) {
    const values = typeof value === 'string' ? [value] : (value ?? [])
    next.delete(name)
    for (const each of values) if (each !== '') next.append(name, each)
  }
  return { path, params: next }
}

/** What stays when the view changes: the question and how it is shown, not the row and what is open in one view. */
const SHARED = ['q', 'off', 'since', 'until', 'run', 'theme']

/** Another view with the same question. */
export function otherView(place: Place, path: string): Place {
  const params = new URLSearchParams()
  for (const [name, value] of place.params) if (SHARED.includes(name)) params.append(name, value)
  return { path, params }
}

/** What a path asks of a view's pattern: `/traces/:id`. @returns the id, `''` where there is none, undefined when it is another path */
export function matchPath(pattern: string, path: string): string | undefined {
  const prefix = pattern.replace(/:id$/, '')
  if (prefix === pattern) return path === pattern ? '' : undefined
  const rest = path.startsWith(prefix) ? path.slice(prefix.length) : ''
  if (rest === '' || rest.includes('/')) return undefined
  try {
    return decodeURIComponent(rest)
  } catch {
    return undefined
  }
}
