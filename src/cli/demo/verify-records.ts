/**
 * Is every hop, id and line of the demo's requests in the backend? Count for count, against what the programs printed.
 *
 * Pure: the caller reads the records (and reads again until nothing is missing or patience ends).
 */
import type { LogRow } from '../../model/api.ts'
import { type BalancerName, serviceOf } from './balancer.ts'
import { API } from './scene.ts'
import type { PrintedLine, TrafficAnswer } from './seen.ts'

export interface Evidence {
  readonly answers: readonly TrafficAnswer[]
  readonly printed: readonly PrintedLine[]
  readonly rows: readonly LogRow[]
  readonly balancer: BalancerName
}

export interface Verdict {
  /** One sentence each; empty when all is there. */
  readonly problems: readonly string[]
  readonly counts: VerifiedCounts
  /** The trace of each request that has exactly one, by request id. */
  readonly traces: ReadonlyMap<string, string>
}

export interface VerifiedCounts {
  readonly requests: number
  readonly loadBalancerHops: number
  readonly serverHops: number
  readonly cacheLookUps: number
  readonly lines: number
}

export function verifyRecords(evidence: Evidence): Verdict {
  const { answers, printed, rows, balancer } = evidence
  const problems: string[] = [...missingLines(evidence), ...missingRetries(evidence)]
  const byRequest = Map.groupBy(rows.filter(isLine), (row) => String(row['request_id']))
  const byTrace = Map.groupBy(rows, (row) => row.trace_id ?? '')
  const printedOf = Map.groupBy(printed, (line) => line.requestId ?? '')
  const traces = new Map<string, string>()
  for (const answer of answers) {
    const traceId = onlyTrace(answer, byRequest.get(answer.request_id) ?? [], problems)
    if (traceId === undefined) continue
    traces.set(answer.request_id, traceId)
    const lines = printedOf.get(answer.request_id) ?? []
    problems.push(
      ...idProblems(answer, lines, traceId),
      ...hopProblems(answer, { hops: byTrace.get(traceId) ?? [], lines, balancer }),
    )
  }
  if (new Set(traces.values()).size !== traces.size) problems.push('two requests share a trace')
  return { problems, traces, counts: countsOf(answers, rows, printed) }
}

function isLine(row: LogRow): boolean {
  return row['request_id'] !== undefined && !isHop(row)
}

function isHop(row: LogRow): boolean {
  return typeof row['event'] === 'string' && row['event'].startsWith('tracelog.')
}

function isEvent(event: string): (row: LogRow) => boolean {
  return (row) => row['event'] === event
}

/** Each line that winston printed is stored, as often as it was printed, and no other is. */
function missingLines({ printed, rows, balancer }: Evidence): string[] {
  const balance = new Map<string, number>()
  const add = (key: string, by: number): void => void balance.set(key, (balance.get(key) ?? 0) + by)
  for (const line of printed) add(keyOf(line.service, line.level, line.message, line.requestId), 1)
  for (const row of rows) {
    // A line below the level that the flight recorder brought: nobody has printed it.
    if (isHop(row) || row['buffered'] === true || (row.service !== API && row.service !== serviceOf(balancer))) continue
    add(keyOf(row.service, row.level, row.message, row['request_id'] as string | undefined), -1)
  }
  return [...balance].flatMap(([key, count]) => {
    if (count === 0) return []
    return [count > 0 ? `${count} × the line [${key}] is missing` : `${-count} × the line [${key}] was never printed`]
  })
}

/** A balancer that prints nothing says itself that it tried again: one of the servers is away for a while. */
function missingRetries({ rows, balancer }: Evidence): string[] {
  if (balancer === 'http-proxy-3') return []
  const retried = rows.filter(isEvent('tracelog.lb.end')).some((row) => Number(row['retries']) > 0)
  return retried ? [] : [`${balancer} has tried no request again`]
}

function keyOf(service: string, level: string, message: string, requestId: string | undefined): string {
  return [service, level.toUpperCase(), message, requestId ?? ''].join(' | ')
}

function onlyTrace(answer: TrafficAnswer, lines: readonly LogRow[], problems: string[]): string | undefined {
  const ids = new Set(lines.map((row) => row.trace_id))
  const [id] = ids
  if (ids.size === 1 && id !== undefined) return id
  problems.push(
    `${nameOf(answer)} has ${ids.size === 0 ? 'no lines' : ids.size === 1 ? 'lines without a trace id' : `${ids.size} traces`}`,
  )
  return undefined
}

/** The same id in the application's own output, in the answer to the caller and in the backend. */
function idProblems(answer: TrafficAnswer, lines: readonly PrintedLine[], traceId: string): string[] {
  const strangers = lines.filter((line) => line.traceId !== traceId).length
  const returned = /\bdesc=["']?[\da-f]{2}-([\da-f]{32})-/.exec(answer.server_timing ?? '')?.[1]
  return [
    ...(strangers === 0 ? [] : [`${nameOf(answer)}: ${strangers} printed lines without the trace id ${traceId}`]),
    ...(returned === traceId
      ? []
      : [`${nameOf(answer)}: Server-Timing has the trace id ${returned ?? '(none)'}, not ${traceId}`]),
  ]
}

interface HopEvidence {
  /** All records of the trace. */
  readonly hops: readonly LogRow[]
  /** What was printed for the request. */
  readonly lines: readonly PrintedLine[]
  readonly balancer: BalancerName
}

function hopProblems(answer: TrafficAnswer, { hops, lines, balancer: balancerName }: HopEvidence): string[] {
  const said = (message: string): number => lines.filter((line) => line.message === message).length
  const [hits, misses] = [said('found in cache'), said('loaded from database')]
  const isHit = hits + misses === 0 ? undefined : hits > 0
  const balancer = hops.filter(isEvent('tracelog.lb.end'))
  const server = hops.filter(isEvent('tracelog.http.server.end'))
  const reads = hops.filter(isEvent('tracelog.cache.end')).filter((row) => row['cache_op'] === 'get')
  const name = nameOf(answer)
  return [
    ...requestHop(answer, balancer, { what: `${name}: load balancer`, service: serviceOf(balancerName), isHit }),
    ...requestHop(answer, server, { what: `${name}: API server`, service: API, isHit }),
    ...mustBe(`${name}: upstream`, typeof balancer[0]?.['upstream'], 'string'),
    ...(balancerName === 'http-proxy-3'
      ? mustBe(`${name}: retries`, Number(balancer[0]?.['retries'] ?? 0), said('upstream is down, trying the next one'))
      : []),
    ...mustBe(`${name}: cache reads`, reads.length, hits + misses),
    ...mustBe(`${name}: cache hits`, reads.filter((row) => row['cache_hit'] === true).length, hits),
    ...reads.flatMap((row) => [
      ...mustBe(`${name}: cache_name`, typeof row['cache_name'], 'string'),
      ...mustBe(`${name}: cache_hit`, typeof row['cache_hit'], 'boolean'),
      ...mustBe(`${name}: cache response_time_ms`, typeof row['response_time_ms'], 'number'),
    ]),
  ]
}

interface HopExpectation {
  readonly what: string
  readonly service: string
  /** `undefined`: the request asked no cache. */
  readonly isHit: boolean | undefined
}

function requestHop(
  answer: TrafficAnswer,
  rows: readonly LogRow[],
  { what, service, isHit }: HopExpectation,
): string[] {
  const [row] = rows
  if (row === undefined || rows.length > 1) return [`${what}: ${rows.length} completion records, not 1`]
  return [
    ...mustBe(`${what} service`, row.service, service),
    ...mustBe(`${what} method`, row['method'], answer.method),
    ...mustBe(`${what} path`, row['path'], answer.path),
    ...mustBe(`${what} status`, row['status'], answer.status),
    ...mustBe(`${what} response_time_ms`, typeof row['response_time_ms'], 'number'),
    ...mustBe(`${what} cache_hit`, row['cache_hit'], isHit),
  ]
}

function mustBe(what: string, value: unknown, expected: unknown): string[] {
  return value === expected ? [] : [`${what} is ${String(value)}, not ${String(expected)}`]
}

function nameOf({ method, path, request_id: id }: TrafficAnswer): string {
  return `${method} ${path} (${id.slice(0, 8)})`
}

function countsOf(
  answers: readonly TrafficAnswer[],
  rows: readonly LogRow[],
  printed: readonly PrintedLine[],
): VerifiedCounts {
  return {
    requests: answers.length,
    loadBalancerHops: rows.filter(isEvent('tracelog.lb.end')).length,
    serverHops: rows.filter(isEvent('tracelog.http.server.end')).length,
    cacheLookUps: rows.filter(isEvent('tracelog.cache.end')).length,
    lines: printed.length,
  }
}
