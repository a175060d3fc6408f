/** histogram, facets and fields against an API that answers what the test says. */
import { expect, test } from 'vitest'

import { startFakeBackend } from './fake-backend.ts'
import { runCli } from './run-cli.ts'

const AT = '2026-11-30T10:00:00.000Z'
const HISTOGRAM = {
  from: AT,
  to: '2026-11-30T10:00:20.000Z',
  step_ms: 10_000,
  series: { INFO: [3, 0], ERROR: [0, 2] },
  complete: false,
  covered_from: AT,
  hints: ['no record has user_id; user.id exists'],
}
const FACETS = {
  facets: {
    service: [
      { value: 'api', count: 12 },
      { value: 'w\u001Bb', count: 2 },
    ],
    status: [],
  },
  other: { service: 4, status: 0 },
  missing: { service: 0, status: 18 },
  complete: true,
  covered_from: AT,
}
const FIELDS = {
  fields: [{ key: 'user.id', type: 'string', records: 40, values: ['1', '2', '3', '4', '5', '6'] }],
  complete: true,
  covered_from: AT,
}

test('histogram prints one line per step, and says how far it reaches and what is misspelt', async () => {
  await using backend = await startFakeBackend({ histogram: { body: HISTOGRAM } })
  const ran = await runCli(['histogram', 'user_id:1', '-level:debug', '--since', '2h', '--backend', backend.url])
  expect(ran.code).toBe(0)
  expect(ran.out.split('\n')).toEqual([
    'time                      INFO  ERROR  all',
    '────────────────────────  ────  ─────  ───',
    '2026-11-30T10:00:00.000Z     3      0    3',
    '2026-11-30T10:00:10.000Z     0      2    2',
    '',
  ])
  expect(ran.err).toBe(
    `tracelog histogram: no record has user_id; user.id exists\ntracelog histogram: counted back to ${AT}; before it: --until ${AT}\n`,
  )
  expect(backend.asked[0]?.query).toEqual({
    q: 'user_id:1 -level:debug',
    since: '2h',
    of: 'logs',
    buckets: '40',
    budget_ms: '10000',
  })
})

test('facets prints one line per value, with the rest and what has none', async () => {
  await using backend = await startFakeBackend({ facets: { body: FACETS } })
  const argv = ['facets', 'service,status', 'level:error', '--of', 'requests', '-n', '5', '--backend', backend.url]
  const ran = await runCli(argv)
  expect({ code: ran.code, err: ran.err }).toEqual({ code: 0, err: '' })
  expect(ran.out.split('\n').slice(2)).toEqual([
    'service  api         12',
    String.raw`service  w\x1bb       2`,
    'service  (other)      4',
    'status   (none)      18',
    '',
  ])
  expect(backend.asked[0]?.query).toEqual({
    q: 'level:error',
    of: 'requests',
    fields: 'service,status',
    limit: '5',
    budget_ms: '10000',
  })
})

test('fields prints keys with their first values', async () => {
  await using backend = await startFakeBackend({ fields: { body: FIELDS } })
  const ran = await runCli(['fields', '--prefix', 'user', '--backend', backend.url])
  expect(ran.out.split('\n')[2]).toBe('user.id  string       40  1, 2, 3, 4, 5')
  expect(backend.asked[0]?.query).toEqual({ prefix: 'user' })
})

const PATTERNS = {
  patterns: [
    {
      pattern: '1a2b3c4d',
      example: 'user 1',
      count: 7,
      first_at: AT,
      last_at: AT,
      level: 'INFO',
      service: 'api',
      spark: [7],
      new: true,
    },
  ],
  complete: true,
  covered_from: AT,
}

test('patterns prints one line per pattern, and marks the new ones', async () => {
  await using backend = await startFakeBackend({ patterns: { body: PATTERNS } })
  const ran = await runCli(['patterns', '-pattern:00000000', '--new-since', '1h', '--backend', backend.url])
  expect(ran.out.split('\n')[2]).toBe('1a2b3c4d      7  new  INFO   api      user 1')
  expect(backend.asked[0]?.query).toEqual({ q: '-pattern:00000000', new_since: '1h', limit: '50', budget_ms: '10000' })
})

const ERRORS = {
  errors: [
    {
      key: '1a2b3c4d',
      type: 'TypeError',
      message: 'cart is undefined\u001B',
      frame: 'getCart (/app/src/cart.ts)',
      count: 12,
      first_at: AT,
      last_at: '2026-11-30T10:00:20.000Z',
      services: ['web', 'api'],
      routes: ['GET /a', 'GET /b', 'GET /c', 'GET /d'],
      spark: [0, 4, 8],
      newest_trace: '4bf92f3577b34da6a3ce929d0e0e4736',
      new: true,
    },
    {
      key: '00000001',
      type: 'Error',
      message: '',
      count: 1,
      first_at: AT,
      last_at: AT,
      services: [],
      routes: [],
      spark: [1],
    },
  ],
  complete: true,
  covered_from: AT,
}

test('errors prints each with how often, where, since when and the newest trace', async () => {
  await using backend = await startFakeBackend({ errors: { body: ERRORS } })
  const ran = await runCli(['errors', 'service:web', '--new-since', '1h', '-n', '7', '--backend', backend.url])
  expect({ code: ran.code, err: ran.err }).toEqual({ code: 0, err: '' })
  expect(ran.out.split('\n')).toEqual([
    String.raw`1a2b3c4d     12× TypeError: cart is undefined\x1b`,
    '                 at getCart (/app/src/cart.ts) in web, api, GET /a, GET /b, GET /c, 1 more',
    '                 2026-11-30T10:00:00.000Z to 2026-11-30T10:00:20.000Z, new  [ ▄█]  newest 4bf92f35',
    '00000001      1× Error',
    '                 2026-11-30T10:00:00.000Z to 2026-11-30T10:00:00.000Z  [█]',
    '',
  ])
  expect(backend.asked[0]?.query).toEqual({ q: 'service:web', new_since: '1h', limit: '7', budget_ms: '10000' })
})

const MAP = {
  nodes: [
    { service: 'web', component: 'http_server', requests: 60, errors: 3, p95_ms: 41.234, inferred: false },
    { service: 'db:5432', component: 'database', requests: 120, errors: 0, p95_ms: 2, inferred: true },
    { service: 'cron', component: 'app', requests: 0, errors: 0, p95_ms: null, inferred: false },
  ],
  edges: [{ from: 'web', to: 'db:5432', calls: 120, errors: 1, p50_ms: 1, p95_ms: 2 }],
  to: '2026-11-30T10:01:00.000Z',
  complete: true,
  covered_from: AT,
}

test('map prints services, and who calls whom', async () => {
  await using backend = await startFakeBackend({ map: { body: MAP } })
  const ran = await runCli(['map', 'status:500', '--since', '1h', '--backend', backend.url])
  expect({ code: ran.code, err: ran.err }).toEqual({ code: 0, err: '' })
  expect(ran.out.split('\n').filter((line) => !line.startsWith('─'))).toEqual([
    'service  is a         requests  rate   failed  p95 ms',
    'web      http_server        60  1.0/s  5 %     41.2',
    'db:5432  database          120  2.0/s          2       silent',
    'cron     app                 0',
    '',
    'from  to       calls  rate   failed  p50 ms  p95 ms',
    'web   db:5432    120  2.0/s  0.8 %        1       2',
    '',
  ])
  expect(backend.asked[0]?.query).toEqual({ q: 'status:500', since: '1h', budget_ms: '10000' })
})

test.each([
  { argv: ['map'], path: 'map', body: MAP },
  { argv: ['errors'], path: 'errors', body: ERRORS },
  { argv: ['patterns'], path: 'patterns', body: PATTERNS },
  { argv: ['histogram'], path: 'histogram', body: HISTOGRAM },
  { argv: ['facets', 'service'], path: 'facets', body: FACETS },
  { argv: ['fields'], path: 'fields', body: FIELDS },
])("$argv --json is the API's object", async ({ argv, path, body }) => {
  await using backend = await startFakeBackend({ [path]: { body } })
  const ran = await runCli([...argv, '--json', '--backend', backend.url])
  expect(JSON.parse(ran.out)).toEqual(body)
})

test.each([
  { argv: ['histogram', '--by', 'route'], err: '--by is "route", but must be one of level, service, outcome' },
  { argv: ['histogram', '--buckets', '501'], err: '--buckets is "501", but must be a whole number from 1 to 500' },
  { argv: ['facets'], err: 'FIELD[,FIELD...] [QUERY...] is missing' },
  { argv: ['facets', 'a', '--of', 'spans'], err: '--of is "spans", but must be one of logs, requests' },
])('$argv is refused', async ({ argv, err }) => {
  const ran = await runCli([...argv, '--backend', 'http://127.0.0.1:9'])
  expect(ran.code).toBe(2)
  expect(ran.err).toContain(err)
})
