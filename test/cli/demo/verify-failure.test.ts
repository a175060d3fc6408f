/** The check of `demo --fail`: it must notice when the lines of the failed request are not there, and when others' are. */
import { expect, test } from 'vitest'

import type { TrafficAnswer } from '../../../src/cli/demo/seen.ts'
import { verifyFailure, type FailureEvidence } from '../../../src/cli/demo/verify-failure.ts'
import type { TraceTree } from '../../../src/model/api.ts'
import { logRow } from '../rows.ts'

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736'
const OTHER = '0af7651916cd43dd8448eb211c80319c'
const FAILED: TrafficAnswer = {
  request_id: 'r1',
  method: 'GET',
  path: '/api/carts/guest-1',
  status: 500,
  took_ms: 3,
  server_timing: null,
}
const LINE = logRow({ trace_id: TRACE, service: 'api', message: 'cart asked for', request_id: 'r1' })
const HEADER = logRow({ trace_id: TRACE, service: 'api', level: 'WARN', event: 'tracelog.recorder.dump' })
const OF_API = logRow({ trace_id: TRACE, service: 'api', level: 'DEBUG', message: 'asking', buffered: true })
const OF_BALANCER = logRow({
  trace_id: TRACE,
  service: 'load-balancer',
  level: 'DEBUG',
  message: 'turn',
  buffered: true,
})

function treeWith(recovered: number): TraceTree {
  return { counts: { spans: 2, inferred: 0, logs: 4, errors: 1, recovered } } as TraceTree
}

const WHOLE: FailureEvidence = {
  failed: FAILED,
  rows: [LINE, HEADER, OF_API, OF_BALANCER],
  printed: [{ service: 'api', level: 'info', message: 'cart asked for', requestId: 'r1', traceId: TRACE }],
  tree: treeWith(2),
  balancer: 'http-proxy-3',
}

test('nothing is missing', () => {
  expect(verifyFailure(WHOLE)).toEqual({ problems: [], recovered: 2 })
})

test('an installed balancer has no debug lines', () => {
  const evidence = { ...WHOLE, rows: [LINE, HEADER, OF_API], tree: treeWith(1), balancer: 'nginx' } as const
  expect(verifyFailure(evidence)).toEqual({ problems: [], recovered: 1 })
})

test.each<{ what: string; changed: Partial<FailureEvidence>; problems: readonly string[] }>([
  {
    what: 'the recorder is off',
    changed: { rows: [LINE], tree: treeWith(0) },
    problems: [
      'no debug line of load-balancer was recovered',
      'no debug line of api was recovered',
      'no dump says why',
    ],
  },
  {
    what: 'one service has none',
    changed: { rows: [LINE, HEADER, OF_API], tree: treeWith(1) },
    problems: ['no debug line of load-balancer was recovered'],
  },
  {
    what: 'a good request has some',
    changed: { rows: [...WHOLE.rows, logRow({ trace_id: OTHER, service: 'api', level: 'DEBUG' })] },
    problems: ['1 debug lines of requests that ended well'],
  },
  {
    what: 'a debug line was printed',
    changed: { printed: [{ service: 'api', level: 'debug', message: 'x', requestId: 'r1', traceId: TRACE }] },
    problems: ['a debug line was printed'],
  },
  {
    what: 'the tree does not show them',
    changed: { tree: undefined },
    problems: ['the tree shows 0 of 2 recovered lines'],
  },
  {
    what: 'it did not fail',
    changed: { failed: { ...FAILED, status: 200 } },
    problems: ['/api/carts/guest-1 was answered with 200, not 500'],
  },
])('$what', ({ changed, problems }) => {
  expect(verifyFailure({ ...WHOLE, ...changed }).problems).toEqual(problems)
})
