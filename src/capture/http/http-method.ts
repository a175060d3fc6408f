/**
 * A request method as the semantic conventions want it: known ones as they are, others as `_OTHER` beside the original.
 */
import type { AnyValue } from '../../model/any-value.ts'
import { ATTR_HTTP_REQUEST_METHOD, ATTR_HTTP_REQUEST_METHOD_ORIGINAL } from '../../model/semconv.ts'

/** Source: semantic conventions 1.45, `http.request.method` (RFC 9110, PATCH, QUERY). */
const KNOWN_METHODS: ReadonlySet<string> = new Set([
  'CONNECT',
  'DELETE',
  'GET',
  'HEAD',
  'OPTIONS',
  'PATCH',
  'POST',
  'PUT',
  'QUERY',
  'TRACE',
])

/** What a span is called after: the method, or `HTTP` for an unknown one. */
export function spanNameOf(method: string): string {
  return KNOWN_METHODS.has(method) ? method : 'HTTP'
}

export function addMethod(attributes: Record<string, AnyValue>, method: string): void {
  if (KNOWN_METHODS.has(method)) {
    attributes[ATTR_HTTP_REQUEST_METHOD] = method
    return
  }
  attributes[ATTR_HTTP_REQUEST_METHOD] = '_OTHER'
  attributes[ATTR_HTTP_REQUEST_METHOD_ORIGINAL] = method
}
