/**
 * Does a failed request show the lines that no level let through, and do the good ones show none?
 *
 * Pure: the caller reads the records (and reads again until nothing is missing or patience ends).
 */
import type { LogRow, TraceTree } from '../../model/api.ts'
import { type BalancerName, serviceOf } from './balancer.ts'
import { API } from './scene.ts'
import type { PrintedLine, TrafficAnswer } from './seen.ts'

export interface FailureEvidence {
  readonly failed: TrafficAnswer
  /** All that is stored, of the good requests too. */
  readonly rows: readonly LogRow[]
  readonly printed: readonly PrintedLine[]
  /** Of the failed request. */
  readonly tree: TraceTree | undefined
  readonly balancer: BalancerName
}

export interface FailureVerdict {
  /** One sentence each; empty when all is there. */
  readonly problems: readonly string[]
  /** Lines below the level that are there. */
  readonly recovered: number
}

export function verifyFailure({ failed, rows, printed, tree, balancer }: FailureEvidence): FailureVerdict {
  const traceId = traceOf(failed, rows)
  const recovered = rows.filter((row) => row['buffered'] === true)
  const below = rows.filter(({ level }) => level === 'DEBUG' || level === 'TRACE')
  const strangers = below.filter((row) => row.trace_id !== traceId).length
  const hasPrinted = printed.some(({ level }) => level === 'debug')
  const problems = [
    ...(failed.status === 500 ? [] : [`${failed.path} was answered with ${failed.status}, not 500`]),
    ...servicesOf(balancer)
      .filter((service) => !recovered.some((row) => row.service === service && row.trace_id === traceId))
      .map((service) => `no debug line of ${service} was recovered`),
    ...(rows.some((row) => row['event'] === 'tracelog.recorder.dump') ? [] : ['no dump says why']),
    ...(strangers === 0 ? [] : [`${strangers} debug lines of requests that ended well`]),
    ...(hasPrinted ? ['a debug line was printed'] : []),
    ...(tree?.counts.recovered === recovered.length
      ? []
      : [`the tree shows ${tree?.counts.recovered ?? 0} of ${recovered.length} recovered lines`]),
  ]
  return { problems, recovered: recovered.length }
}

/** @returns `undefined` while none of its lines is there */
export function traceOf({ request_id: id }: TrafficAnswer, rows: readonly LogRow[]): string | undefined {
  return rows.find((row) => row['request_id'] === id)?.trace_id
}

/** An installed balancer writes access lines alone. */
function servicesOf(balancer: BalancerName): readonly string[] {
  return balancer === 'http-proxy-3' ? [serviceOf(balancer), API] : [API]
}
