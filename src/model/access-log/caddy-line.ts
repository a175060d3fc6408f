/**
 * Caddy's line: its own access log (`logger`, `request`, `duration`) with what collector/load-balancers/Caddyfile appends.
 *
 * Status 0: the client went away before there was an answer.
 */
import type { AccessLine } from './access-line.ts'
import { type LineFields, namedFields, numberOf, objectOf, splitUri, textOf, threeDecimals } from './line-fields.ts'

/** @returns what is wrong with the line, when it is none of Caddy's */
export function readCaddyLine(line: LineFields): AccessLine | string {
  const ended = numberOf(line, 'ts', 9e9)
  if (ended === undefined) return 'ts is not a number of seconds'
  const request = objectOf(line, 'request')
  const duration = numberOf(line, 'duration', 1e9)
  const upstreamMillis = numberOf(line, 'upstream_ms', 1e12)
  const status = textOf(line, 'status')
  return {
    // Microseconds: what a double still holds.
    timeUnixNano: BigInt(Math.trunc(ended * 1_000_000)) * 1_000n,
    fields: {
      ...namedFields(line),
      // Caddy's `size` is the body's.
      bytes_sent: '',
      body_bytes_sent: textOf(line, 'size'),
      method: textOf(request, 'method'),
      host: textOf(request, 'host'),
      remote_addr: textOf(request, 'client_ip') || textOf(request, 'remote_ip'),
      protocol: textOf(request, 'proto'),
      ...splitUri(textOf(request, 'uri')),
      aborted: status === '0' ? 'true' : '',
      response_time_ms: duration === undefined ? '' : threeDecimals(duration * 1_000),
      upstream: textOf(line, 'upstream'),
      upstream_ms: upstreamMillis === undefined ? '' : threeDecimals(upstreamMillis),
      retries: textOf(line, 'retries'),
    },
    tried: [],
    statuses: [],
  }
}
