/**
 * The current request as the public API shows it (public-api.md).
 */
import type { Attributes } from '../model/any-value.ts'
import { toAttributes } from '../model/js-value.ts'
import { ATTR_HTTP_ROUTE } from '../model/semconv.ts'
import { currentUnit } from './request-unit.ts'

export interface CurrentRequest {
  readonly traceId: string
  readonly spanId: string
  readonly path: string | undefined
  elapsedMillis(): number
}

/** The current request, or `undefined` outside of one. */
export function currentRequest(): CurrentRequest | undefined {
  const unit = currentUnit()
  if (unit === undefined) return undefined
  const { traceId, spanId, path } = unit
  return { traceId, spanId, path, elapsedMillis: () => unit.elapsedMillis() }
}

/**
 * Adds fields to every later record of the current request, its completion record too; outside of a request: nothing. `http.route` is its
 * route as well, as if the framework had told it.
 */
export function requestFields(fields: Attributes): void {
  const unit = currentUnit()
  if (unit === undefined) return
  const added = toAttributes(fields)
  const route = added[ATTR_HTTP_ROUTE]
  if (typeof route === 'string') unit.route = route
  unit.addFields(added)
}
