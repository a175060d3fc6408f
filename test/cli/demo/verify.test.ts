/** The demo's own check: it must notice each single thing that is missing. */
import { describe, expect, test } from 'vitest'

import type { PrintedLine, TrafficAnswer } from '../../../src/cli/demo/seen.ts'
import { verifyRecords, type Evidence } from '../../../src/cli/demo/verify-records.ts'
import { verifyTree, type TreeEvidence } from '../../../src/cli/demo/verify-tree.ts'
import type { LogRow, TraceTree } from '../../../src/model/api.ts'
import { logRow } from '../rows.ts'

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736'
const ANSWER: TrafficAnswer = {
  request_id: 'r1',
  method: 'GET',
  path: '/api/products/1',
  status: 200,
  took_ms: 3,
  server_timing: `trace;desc=00-${TRACE}-00f067aa0ba902b7-01`,
}

function printed(service: string, message: string, level = 'info'): PrintedLine {
  return { service, level, message, requestId: 'r1', traceId: TRACE }
}

const PRINTED: readonly PrintedLine[] = [
  { service: 'api', level: 'info', message: 'api server listens', requestId: undefined, traceId: undefined },
  printed('load-balancer', 'picked upstream'),
  printed('load-balancer', 'upstream is down, trying the next one', 'warn'),
  printed('load-balancer', 'picked upstream'),
  printed('api', 'loaded from database'),
]

function stored(fields: Record<string, unknown>): LogRow {
  return logRow({ trace_id: TRACE, ...fields })
}

const HOP = { method: 'GET', path: '/api/products/1', status: 200, response_time_ms: 3, cache_hit: false }
const LINES = PRINTED.map(({ service, message, level, requestId }) =>
  requestId === undefined
    ? logRow({ service, message })
    : stored({ service, message, level: level.toUpperCase(), request_id: requestId }),
)
const LB = stored({ ...HOP, service: 'load-balancer', event: 'tracelog.lb.end', upstream: '127.0.0.1:1', retries: 1 })
const SERVER = stored({ ...HOP, service: 'api', event: 'tracelog.http.server.end' })
const LOOK_UP = stored({
  service: 'api',
  event: 'tracelog.cache.end',
  cache_op: 'get',
  cache_name: 'redis',
  cache_hit: false,
  response_time_ms: 1,
})
const ALL: Evidence = {
  answers: [ANSWER],
  printed: PRINTED,
  rows: [...LINES, LB, SERVER, LOOK_UP],
  balancer: 'http-proxy-3',
}

/** The evidence with one row replaced, or taken away. */
function changed(row: LogRow, fields?: Record<string, unknown>): Evidence {
  const rows = ALL.rows.flatMap((one) => (one === row ? (fields === undefined ? [] : [{ ...one, ...fields }]) : [one]))
  return { ...ALL, rows }
}

describe('records', () => {
  test('that the flight recorder brought were printed by nobody', () => {
    const recovered = stored({ service: 'api', message: 'asking', level: 'DEBUG', request_id: 'r1', buffered: true })
    expect(verifyRecords({ ...ALL, rows: [...ALL.rows, recovered] }).problems).toEqual([])
  })

  test('are all there', () => {
    const { problems, counts, traces } = verifyRecords(ALL)
    expect(problems).toEqual([])
    expect(counts).toEqual({ requests: 1, loadBalancerHops: 1, serverHops: 1, cacheLookUps: 1, lines: 5 })
    expect(traces.get('r1')).toBe(TRACE)
  })

  test.each<{ what: string; evidence: Evidence; problem: string }>([
    { what: 'no load balancer hop', evidence: changed(LB), problem: 'load balancer: 0 completion records' },
    { what: 'no server hop', evidence: changed(SERVER), problem: 'API server: 0 completion records' },
    {
      what: 'two of them',
      evidence: { ...ALL, rows: [...ALL.rows, SERVER] },
      problem: 'API server: 2 completion records',
    },
    { what: 'no look-up', evidence: changed(LOOK_UP), problem: 'cache reads is 0, not 1' },
    { what: 'a wrong hit', evidence: changed(LOOK_UP, { cache_hit: true }), problem: 'cache hits is 1, not 0' },
    {
      what: 'no cache name',
      evidence: changed(LOOK_UP, { cache_name: undefined }),
      problem: 'cache_name is undefined',
    },
    {
      what: 'no cache result on the server',
      evidence: changed(SERVER, { cache_hit: undefined }),
      problem: 'API server cache_hit is undefined, not false',
    },
    {
      what: 'no cache result on the balancer',
      evidence: changed(LB, { cache_hit: undefined }),
      problem: 'load balancer cache_hit',
    },
    { what: 'another status', evidence: changed(LB, { status: 500 }), problem: 'status is 500, not 200' },
    {
      what: 'no duration',
      evidence: changed(SERVER, { response_time_ms: undefined }),
      problem: 'response_time_ms is undefined',
    },
    { what: 'no upstream', evidence: changed(LB, { upstream: undefined }), problem: 'upstream is undefined' },
    { what: 'a retry not counted', evidence: changed(LB, { retries: 0 }), problem: 'retries is 0, not 1' },
    { what: 'a line lost', evidence: changed(LINES[4] as LogRow), problem: 'loaded from database | r1] is missing' },
    {
      what: 'a start-up line lost',
      evidence: changed(LINES[0] as LogRow),
      problem: 'api server listens | ] is missing',
    },
    {
      what: 'a line twice',
      evidence: { ...ALL, rows: [...ALL.rows, LINES[4] as LogRow] },
      problem: 'was never printed',
    },
    {
      what: 'a line in another trace',
      evidence: changed(LINES[4] as LogRow, { trace_id: 'f'.repeat(32) }),
      problem: 'has 2 traces',
    },
    {
      what: 'a hop in another trace',
      evidence: changed(SERVER, { trace_id: 'f'.repeat(32) }),
      problem: 'API server: 0',
    },
    {
      what: 'another id in the answer',
      evidence: { ...ALL, answers: [{ ...ANSWER, server_timing: null }] },
      problem: 'Server-Timing',
    },
    {
      what: 'no id in the output',
      evidence: { ...ALL, printed: PRINTED.map((line) => ({ ...line, traceId: undefined })) },
      problem: '4 printed lines without the trace id',
    },
  ])('with $what are noticed', ({ evidence, problem }) => {
    expect(verifyRecords(evidence).problems.join('\n')).toContain(problem)
  })
})

const TREE: TraceTree = {
  trace_id: TRACE,
  sentence: '',
  started_at: '2026-11-21T14:32:06.981Z',
  duration_ms: 3,
  outcome: 'error',
  services: ['load-balancer', 'api'],
  counts: { spans: 3, inferred: 0, logs: 1, errors: 1, recovered: 0 },
  skew: [],
  rows: [
    { kind: 'span', depth: 0, at_ms: 0, component: 'load_balancer' },
    { kind: 'span', depth: 1, at_ms: 1, component: 'http_server' },
    { kind: 'span', depth: 2, at_ms: 2, component: 'cache', fields: { cache_name: 'redis', cache_hit: false } },
    {
      kind: 'log',
      depth: 2,
      at_ms: 2,
      fields: { request_id: 'r1' },
      error: { type: 'E', message: 'm', stack: 'E: m\n    at x (y)' },
    },
  ],
}
const RECORDS = [stored({ request_id: 'r1' }), LOOK_UP]
const FAILED = { ...ANSWER, status: 500 }
const KNOWN: TreeEvidence = { tree: TREE, records: RECORDS, balancer: 'http-proxy-3' }

describe('a tree', () => {
  test('is whole', () => {
    expect(verifyTree(FAILED, KNOWN)).toEqual([])
  })

  test.each([0, 1, 2, 3])('without its row %i is noticed', (i) => {
    expect(verifyTree(FAILED, { ...KNOWN, tree: { ...TREE, rows: TREE.rows.toSpliced(i, 1) } })).not.toEqual([])
  })

  test.each([
    { change: { depth: 0 }, row: 1, fault: 'not below their callers' },
    { change: { depth: 1 }, row: 2, fault: 'not below their callers' },
    { change: { fields: { cache_hit: false } }, row: 2, fault: 'a cache read without cache_name' },
    { change: { inferred: true }, row: 1, fault: 'an inferred hop' },
    { change: { error: undefined }, row: 3, fault: 'no error with a stack' },
  ])('with $change in row $row is noticed', ({ change, row, fault }) => {
    const rows = TREE.rows.map((one, i) => (i === row ? { ...one, ...change } : one)) as TraceTree['rows']
    expect(verifyTree(FAILED, { ...KNOWN, tree: { ...TREE, rows } }).join()).toContain(fault)
  })

  test('of a load balancer without an SDK has an inferred hop, which is right', () => {
    const rows = TREE.rows.map((one, i) => (i === 0 ? { ...one, inferred: true } : one)) as TraceTree['rows']
    const tree = { ...TREE, rows }
    expect(verifyTree(FAILED, { ...KNOWN, tree }).join()).toContain('an inferred hop')
    expect(verifyTree(FAILED, { ...KNOWN, tree, balancer: 'nginx' })).toEqual([])
  })
})

describe('an installed load balancer', () => {
  const rows = ALL.rows.flatMap((row) =>
    row === LB ? [{ ...LB, service: 'nginx' }] : row.service === 'load-balancer' ? [] : [row],
  )
  const evidence: Evidence = {
    ...ALL,
    printed: PRINTED.filter(({ service }) => service !== 'load-balancer'),
    rows,
    balancer: 'nginx',
  }

  test('prints nothing itself, and says what it tried again', () => {
    expect(verifyRecords(evidence).problems).toEqual([])
  })

  test.each([
    ['no retry at all', rows.map((row) => ({ ...row, retries: 0 })), 'nginx has tried no request again'],
    ['a line that could not be read', [...rows, logRow({ service: 'nginx', message: 'cut off' })], 'was never printed'],
    [
      'another service',
      rows.map((row) => (row.service === 'nginx' ? { ...row, service: 'x' } : row)),
      'service is x, not nginx',
    ],
  ])('%s is noticed', (_, changedRows, problem) => {
    expect(verifyRecords({ ...evidence, rows: changedRows as LogRow[] }).problems.join()).toContain(problem)
  })
})
