/**
 * HAProxy's line, as `log-format` of collector/load-balancers/haproxy.cfg writes it; missing values are `-`, missing times -1.
 *
 * A request that could not be parsed has no ids, the method `<BADREQ>` and the server `<NOSRV>`.
 */
import type { AccessLine } from './access-line.ts'
import { knownText, type LineFields, millisOfSeconds, namedFields, textOf, wholeMillis } from './line-fields.ts'

/** @returns what is wrong with the line, when it is none of HAProxy's */
export function readHaproxyLine(line: LineFields): AccessLine | string {
  const accepted = millisOfSeconds(textOf(line, 'msec'))
  if (accepted === undefined) return 'msec is not seconds with three decimals'
  const named = namedFields(line, '-')
  const server = knownText(line, 'server', '-')
  const termState = knownText(line, 'term_state', '-')
  return {
    // Accepted + all the time since: right on a connection that was idle before, too.
    timeUnixNano: (accepted + BigInt(wholeMillis(textOf(line, 't_total_ms')) ?? 0)) * 1_000_000n,
    fields: {
      ...named,
      method: named.method === '<BADREQ>' ? '' : (named.method ?? ''),
      response_time_ms: textOf(line, 't_active_ms'),
      upstream: upstreamOf(textOf(line, 'server_ip'), textOf(line, 'server_port')),
      upstream_ms: sumOf(line, ['t_connect_ms', 't_response_ms', 't_data_ms']),
      routing_ms: sumOf(line, ['t_request_ms', 't_queue_ms']),
      // "+1": tried again on another server.
      retries: textOf(line, 'retries').replace(/^\+/, ''),
      backend: knownText(line, 'backend', '-'),
      server: server === '<NOSRV>' ? '' : server,
      term_state: termState,
      aborted: /^[Cc]/.test(termState) ? 'true' : '',
    },
    // HAProxy names the last server only.
    tried: [],
    statuses: [],
  }
}

function upstreamOf(address: string, port: string): string {
  if (/^[0-9.]+$/.test(address)) return `${address}:${port}`
  return /^[0-9a-f.]*:[0-9a-f:.]*$/.test(address) ? `[${address}]:${port}` : ''
}

/** `''` unless every phase was reached. */
function sumOf(line: LineFields, names: readonly string[]): string {
  let sum = 0
  for (const name of names) {
    const millis = wholeMillis(textOf(line, name))
    if (millis === undefined) return ''
    sum += millis
  }
  return String(sum)
}
