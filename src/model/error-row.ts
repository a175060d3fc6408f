/**
 * Which records tell of an error, for the list of errors: those with a type that is more than a status.
 *
 * The last record of a request that answered 500 has the type `500`: that it failed is known, but not with which error.
 */

/** The same as a regular expression of SQL, of the whole text. */
export const STATUS_TYPE = '[0-9]*'

/** @param type  `error_type` of a flat line */
export function isErrorType(type: unknown): type is string {
  return typeof type === 'string' && !/^[0-9]*$/.test(type)
}

/** Services and routes of one error that are named: the most frequent ones. */
export const NAMED_PLACES = 10

/** Where a request went, as the list of errors names it. `GET /api/cart/:id`, its path where no route is known. */
export function placeOf({ method, route, path }: Readonly<Record<'method' | 'route' | 'path', string>>): string {
  return `${method} ${route === '' ? path : route}`.trim()
}
