/** Was the client's trace continued? For proxies whose line has the `traceparent` that came in, and their own ids. */
import { parseTraceparent } from '../trace-context.ts'
import type { AccessFields } from './access-line.ts'

/** The parent when the line's trace is the client's; else what the client said. */
export function clientParent(
  traceparent: string,
  traceId: string,
): Pick<AccessFields, 'parent_span_id' | 'client_traceparent'> {
  const parent = parseTraceparent(traceparent)
  if (parent !== undefined && parent.traceId === traceId)
    return { parent_span_id: parent.spanId, client_traceparent: '' }
  return { parent_span_id: '', client_traceparent: traceparent }
}
