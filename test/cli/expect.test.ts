/** expect against an API that answers what the test says: when it is content, when it is not, and what it prints then. */
import { expect, test } from 'vitest'

import { requestFacts } from '../../src/sources/expect/request-facts.ts'
import type { RequestRow, TraceTree } from '../../src/model/api.ts'
import { compileMatcher } from '../../src/query-text/match.ts'
import { type Answer, type Asked, startFakeBackend } from './fake-backend.ts'
import { EXAMPLE } from './rows.ts'
import { runCli } from './run-cli.ts'

const ENTRY = EXAMPLE.rows[0]?.span_id ?? ''

function request(fields: Partial<RequestRow> = {}): RequestRow {
  return {
    trace_id: EXAMPLE.trace_id,
    span_id: ENTRY,
    started_at: EXAMPLE.started_at,
    duration_ms: 41.2,
    outcome: 'ok',
    method: 'GET',
    route: '/feed',
    status: 200,
    services: ['web', 'cart'],
    counts: { spans: 4, inferred: 0, logs: 3, errors: 1, recovered: 0 },
    strip: [],
    ...fields,
  }
}

/** What tracelog trace begins with. */
const TITLE = 'GET /api/cart → 500 in 41.2 ms'

/** Two hops, with so many calls of the database. */
function tree(first: number | undefined, second: number | undefined): TraceTree {
  const hop = (span_id: string, calls: number | undefined) => ({
    kind: 'span' as const,
    depth: 0,
    at_ms: 0,
    service: 'web',
    span_id,
    name: 'GET',
    took_ms: 1,
    fields: calls === undefined ? {} : { db_calls: calls, tenant: 'a' },
  })
  return { ...EXAMPLE, rows: [hop(ENTRY, first), hop('1111111111111111', second)] }
}

const page = (requests: readonly RequestRow[]): Answer => ({
  body: { requests, next_cursor: null, took_ms: 1 },
})
const trace = `traces/${EXAMPLE.trace_id}`

async function run(argv: readonly string[], answers: Record<string, Answer | ((asked: Asked) => Answer)>) {
  await using backend = await startFakeBackend(answers)
  const ran = await runCli(['expect', ...argv, '--backend', backend.url])
  return { ...ran, asked: backend.asked }
}

test('requests that keep what is expected of them are 0, at once', async () => {
  const ran = await run(['route:/feed', '--where', 'db_calls<=2', '--since', '1h', '--within', '10m'], {
    requests: page([request(), request({ span_id: '2222222222222222' })]),
    [trace]: { body: tree(1, 1) },
  })
  expect({ code: ran.code, out: ran.out, err: ran.err }).toEqual({
    code: 0,
    out: 'tracelog expect: 2 requests, as expected\n',
    err: '',
  })
  expect(ran.asked[0]?.query).toEqual({ q: 'route:/feed', since: '1h', order: 'asc', limit: '500' })
})

test('the request that breaks it ends the wait, and is printed as tracelog trace prints it', async () => {
  const answers = {
    requests: page([request()]),
    [trace]: { body: { ...EXAMPLE, rows: [...EXAMPLE.rows, ...tree(2, 1).rows] } },
  }
  const ran = await run(['route:/feed', '--where', 'db_calls<=2', '--within', '10m'], answers)
  expect(ran.code).toBe(1)
  expect(ran.err).toBe('tracelog expect: "db_calls<=2" does not hold for this request:\n')
  expect(ran.out).toContain(TITLE)
  expect(ran.out).toContain('cart is undefined')
})

test('what has not come yet is waited for', async () => {
  let asked = 0
  const ran = await run(['route:/feed', '--min', '2', '--within', '60s'], {
    requests: () => page(++asked < 3 ? [request()] : [request(), request({ span_id: '2222222222222222' })]),
  })
  expect({ code: ran.code, asked }).toEqual({ code: 0, asked: 3 })
})

test('a request that runs is judged when it has ended', async () => {
  let asked = 0
  const ran = await run(['--where', 'took<50ms', '--within', '60s'], {
    requests: () => page([++asked < 3 ? request({ outcome: 'running', duration_ms: null }) : request()]),
    [trace]: { body: tree(0, 0) },
  })
  expect({ code: ran.code, asked }).toEqual({ code: 0, asked: 3 })
})

test.each([
  { argv: [], answer: [], says: '0 requests came, but at least 1 must' },
  { argv: ['--min', '2'], answer: [request()], says: '1 request came, but at least 2 must' },
  { argv: ['--max', '0'], answer: [request()], says: '1 request came, but at most 0 may; the last one:' },
  { argv: [], answer: [request({ outcome: 'running', duration_ms: null })], says: 'a request has not ended:' },
])('$says', async ({ argv, answer, says }) => {
  const ran = await run([...argv, '--within', '0'], { requests: page(answer), [trace]: { body: EXAMPLE } })
  expect({ code: ran.code, err: ran.err }).toEqual({ code: 1, err: `tracelog expect: ${says}\n` })
  expect(ran.out.includes(TITLE)).toBe(answer.length > 0 && !says.includes('at least'))
})

test('with a most all of the time is waited for, and none at all may be asked for', async () => {
  let asked = 0
  const ran = await run(['level:error', '--max', '0', '--within', '300ms'], {
    requests: () => {
      asked++
      return page([])
    },
  })
  expect({ code: ran.code, out: ran.out }).toEqual({ code: 0, out: 'tracelog expect: 0 requests, as expected\n' })
  expect(asked).toBeGreaterThan(1)
})

test('--json prints the verdict', async () => {
  const ran = await run(['--where', 'status:404', '--within', '0', '--json'], {
    requests: page([request()]),
    [trace]: { body: tree(0, 0) },
  })
  expect({ code: ran.code, verdict: JSON.parse(ran.out) as unknown }).toMatchObject({
    code: 1,
    verdict: { kind: 'broken', rule: 'status:404', request: { route: '/feed' } },
  })
})

test.each([
  { argv: ['--where', 'a AND'], code: 2, says: /expected/ },
  { argv: ['a AND'], code: 2, says: /expected/ },
  { argv: ['--within', 'soon'], code: 2, says: /--within is "soon", but must be a time up to 1h/ },
  { argv: ['--within', '2h'], code: 2, says: /--within is "2h"/ },
  { argv: ['--min', '-1'], code: 2, says: /--min/ },
])('$argv is refused before anybody is asked', async ({ argv, code, says }) => {
  const ran = await run(argv, {})
  expect({ code: ran.code, asked: ran.asked.length }).toEqual({ code, asked: 0 })
  expect(ran.err).toMatch(says)
})

test.each([
  { where: 'db_calls=0', row: tree(undefined, undefined), holds: true },
  { where: 'db_calls=5', row: tree(2, 3), holds: true },
  { where: 'tenant:a', row: tree(2, 3), holds: true },
  { where: 'tenant:a', row: undefined, holds: false },
  { where: 'cache_reads<1 route:/feed method:GET service:web', row: undefined, holds: true },
  { where: 'took>41ms took<42ms status=200 outcome:ok level:info', row: undefined, holds: true },
  { where: 'errors=1 logs=3', row: undefined, holds: true },
  { where: 'outcome:error', row: undefined, holds: false },
])('$where: $holds', ({ where, row, holds }) => {
  expect(compileMatcher(where)(requestFacts(request(), row))).toBe(holds)
})
