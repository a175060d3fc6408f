/**
 * Envoy's line, as `json_format` of collector/load-balancers/envoy.yaml writes it; missing values are null or `-`.
 *
 * Envoy has no name for its span's id: the `traceparent` that it sent on holds it.
 */
import { parseTraceparent } from '../trace-context.ts'
import type { AccessLine } from './access-line.ts'
import { clientParent } from './client-parent.ts'
import {
  knownText,
  type LineFields,
  millisOfSeconds,
  namedFields,
  splitUri,
  textOf,
  wholeMillis,
} from './line-fields.ts'

/** @returns what is wrong with the line, when it is none of Envoy's */
export function readEnvoyLine(line: LineFields): AccessLine | string {
  const started = millisOfSeconds(textOf(line, 'msec'))
  if (started === undefined) return 'msec is not seconds with three decimals'
  const sent = knownText(line, 'traceparent', '-')
  const own = parseTraceparent(sent)
  const attempts = wholeMillis(textOf(line, 'attempts')) ?? 0
  const flags = knownText(line, 'response_flags', '-')
  const named = namedFields(line, '-')
  return {
    timeUnixNano: (started + BigInt(wholeMillis(textOf(line, 'duration_ms')) ?? 0)) * 1_000_000n,
    fields: {
      ...named,
      trace_id: own?.traceId ?? '',
      span_id: own?.spanId ?? '',
      trace_flags: own === undefined ? '' : sent.slice(53, 55),
      ...clientParent(named.client_traceparent ?? '', own?.traceId ?? ''),
      ...splitUri(knownText(line, 'path', '-')),
      response_time_ms: textOf(line, 'duration_ms'),
      upstream: knownText(line, 'upstream', '-'),
      upstream_ms: knownText(line, 'upstream_ms', '-'),
      retries: attempts > 0 ? String(attempts - 1) : '',
      backend: knownText(line, 'backend', '-'),
      term_state: flags,
      // Downstream connection termination: the client went away.
      aborted: flags.split(',').includes('DC') ? 'true' : '',
    },
    tried: [],
    statuses: [],
  }
}
