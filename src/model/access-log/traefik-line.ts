/**
 * Traefik's line: its own JSON access log, with tracing on and the headers kept that collector/load-balancers/traefik.yaml names.
 *
 * `RetryAttempts` is 0 also where Traefik 3.6.12 has tried again: 0 is not said on.
 */
import { parseTimestamp } from '../time.ts'
import { parseTraceparent, formatFlags } from '../trace-context.ts'
import type { AccessLine } from './access-line.ts'
import { clientParent } from './client-parent.ts'
import { type LineFields, numberOf, splitUri, textOf, threeDecimals } from './line-fields.ts'

/** What tells it from others: it has no field of ours. */
export function isTraefikLine(line: LineFields): boolean {
  return typeof line['entryPointName'] === 'string' && typeof line['StartUTC'] === 'string'
}

/** @returns what is wrong with the line, when it is none of Traefik's */
export function readTraefikLine(line: LineFields): AccessLine | string {
  const started = startOf(textOf(line, 'StartUTC'))
  const nanos = numberOf(line, 'Duration', 1e18)
  if (started === undefined || nanos === undefined) return 'StartUTC and Duration are not a time and nanoseconds'
  const traceId = textOf(line, 'trace_id')
  const traceparent = textOf(line, 'request_Traceparent')
  const parent = clientParent(traceparent, traceId)
  const upstreamNanos = numberOf(line, 'OriginDuration', 1e18)
  const retries = textOf(line, 'RetryAttempts')
  return {
    timeUnixNano: started + BigInt(Math.trunc(nanos)),
    fields: {
      trace_id: traceId,
      span_id: textOf(line, 'span_id'),
      ...parent,
      // A trace that began here is sampled: so says traefik.yaml.
      trace_flags: parent.parent_span_id === '' ? '01' : formatFlags(parseTraceparent(traceparent)?.flags ?? 1),
      method: textOf(line, 'RequestMethod'),
      scheme: textOf(line, 'RequestScheme'),
      host: textOf(line, 'RequestAddr'),
      ...splitUri(textOf(line, 'RequestPath')),
      protocol: textOf(line, 'RequestProtocol'),
      remote_addr: textOf(line, 'ClientHost'),
      user_agent: textOf(line, 'request_User-Agent'),
      status: textOf(line, 'DownstreamStatus'),
      body_bytes_sent: textOf(line, 'DownstreamContentSize'),
      response_time_ms: threeDecimals(nanos / 1e6),
      aborted: textOf(line, 'DownstreamStatus') === '499' ? 'true' : '',
      cache_status: textOf(line, 'downstream_Cache-Status'),
      upstream: textOf(line, 'ServiceAddr'),
      upstream_ms: upstreamNanos === undefined ? '' : threeDecimals(upstreamNanos / 1e6),
      retries: retries === '0' ? '' : retries,
      backend: textOf(line, 'ServiceName'),
    },
    tried: [],
    statuses: [],
  }
}

function startOf(text: string): bigint | undefined {
  return /^(?:19|20|21)\d\d-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?Z$/.test(text) ? parseTimestamp(text) : undefined
}
