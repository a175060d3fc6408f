/**
 * Which route of hapi answered, and with which error? Two methods are read at the right moments: a request's `_lifecycle` when its route
 * is known, a response's `_marshal` before it is sent, with the error that it was made of.
 */
import { currentUnit } from '../../context/request-unit.ts'
import type { LibraryHook } from '../library-instrumentation.ts'
import { watchReads } from './method-reads.ts'
import { noteFailure } from './request-failure.ts'

interface HapiRequest {
  readonly route?: { readonly path?: unknown; readonly method?: unknown }
  readonly raw?: { readonly req?: object }
}
interface HapiResponse {
  readonly _error?: unknown
  readonly request?: HapiRequest
}

/** Of the routes that hapi has for requests that match none. */
const SPECIAL = '_special'

/** Opened when the first of the files is loaded. */
export function createHapiHook(): LibraryHook {
  return {
    onFile({ file, exports }) {
      const { prototype } = exports as { readonly prototype?: object }
      return file.file === 'lib/request.js'
        ? watchReads(prototype, '_lifecycle', noteRoute)
        : watchReads(prototype, '_marshal', noteError)
    },
  }
}

function noteRoute(request: HapiRequest): void {
  const unit = currentUnit()
  const { path, method } = request.route ?? {}
  if (unit === undefined || !isInbound(request) || typeof path !== 'string' || method === SPECIAL) return
  unit.route = path
}

function noteError({ _error: error, request }: HapiResponse): void {
  if (error !== undefined && error !== null && isInbound(request)) noteFailure(error)
}

/** Not one that a handler has injected into its own server; of HTTP/2 the library's own request is not known. */
function isInbound(request: HapiRequest | undefined): boolean {
  const inbound = currentUnit()?.inbound
  return inbound === undefined || request?.raw?.req === inbound
}
