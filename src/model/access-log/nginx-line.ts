/**
 * nginx's line, as `log_format tracelog` of collector/load-balancers/nginx-tracelog.conf writes it.
 *
 * `upstream_addr`, `upstream_status` and `upstream_response_time` are lists after a retry: `a, b`. `a : b`: an internal
 * redirect, only what follows it counts. A name without a port at the end is the group's: no server was left to try.
 */
import type { AccessLine } from './access-line.ts'
import { millisOfSeconds, namedFields, textOf, type LineFields } from './line-fields.ts'

const GROUP_NAME = /^[^:, ]+$/

/** @returns what is wrong with the line, when it is none of nginx's */
export function readNginxLine(line: LineFields): AccessLine | string {
  const time = millisOfSeconds(textOf(line, 'msec'))
  if (time === undefined) return 'msec is not seconds with three decimals'
  const addresses = attempts(textOf(line, 'upstream_addr'))
  const isNoneLeft = GROUP_NAME.test(addresses.at(-1) ?? '')
  const tried = isNoneLeft ? addresses.slice(0, -1) : addresses
  const statuses = attempts(textOf(line, 'upstream_status')).slice(0, tried.length)
  const times = attempts(textOf(line, 'upstream_response_time')).slice(0, tried.length)
  const retries = addresses.length === 0 ? '' : String(Math.max(0, tried.length - 1))
  return {
    timeUnixNano: time * 1_000_000n,
    fields: {
      ...namedFields(line),
      response_time_ms: millisText(textOf(line, 'request_time')),
      aborted: textOf(line, 'completion') === 'OK' ? '' : 'true',
      upstream: tried.at(-1) ?? '',
      upstream_ms: millisText(times.at(-1) ?? ''),
      retries,
    },
    tried,
    statuses,
  }
}

function attempts(list: string): readonly string[] {
  const last = list.split(' : ').at(-1) ?? ''
  return last === '' ? [] : last.split(', ')
}

/** `0.201` -> `0201`: milliseconds by their digits. Anything else stays as it is, and is no number. */
function millisText(seconds: string): string {
  return seconds.replace(/^([0-9]+)\.([0-9]{3})$/, '$1$2')
}
