/** tail, trace, query and sql against an API that answers what the test says. */
import { expect, test } from 'vitest'

import { failure, openEvents, startFakeBackend, TOKEN } from './fake-backend.ts'
import { EXAMPLE, logRow } from './rows.ts'
import { runCli } from './run-cli.ts'

process.env['TZ'] = 'UTC'
const page = (logs: unknown[], next_cursor: string | null = null): unknown => ({ logs, next_cursor, took_ms: 1 })
const requests = (...rows: unknown[]): unknown => ({ requests: rows, next_cursor: null, took_ms: 1 })

test('query prints one line per record, the oldest first, and sends what was typed', async () => {
  await using backend = await startFakeBackend({
    logs: {
      body: page([
        logRow({ _id: '2', message: 'second', user: 7, 'log.record.uid': 'd2f0', trace_id: EXAMPLE.trace_id }),
        logRow(),
      ]),
    },
  })
  const ran = await runCli([
    'query',
    'service:web',
    '-cache_hit:true',
    '--since',
    '2h',
    '-n',
    '5',
    '--backend',
    backend.url,
  ])
  expect(ran).toEqual({
    code: 0,
    out: '14:35:22.001 web      I hello\n14:35:22.001 web      I second  user=7  4bf92f35\n',
    err: '',
  })
  expect(backend.asked[0]?.query).toEqual({ q: 'service:web -cache_hit:true', since: '2h', limit: '5', order: 'desc' })
})

test('query reads on through the pages until it has what was asked for', async () => {
  const rows = Array.from({ length: 5_200 }, (_, i) => logRow({ _id: String(i) }))
  await using backend = await startFakeBackend({
    logs: ({ query }) => {
      const from = Number(query['cursor'] ?? 0)
      const to = from + Number(query['limit'])
      return { body: page(rows.slice(from, to), to < rows.length ? String(to) : null) }
    },
  })
  const ran = await runCli(['query', '--limit', '5100', '--json', '--order', 'oldest', '--backend', backend.url])
  const ids = ran.out
    .trim()
    .split('\n')
    .map((line) => (JSON.parse(line) as { _id: string })._id)
  expect(ids).toEqual(rows.slice(0, 5_100).map(({ _id: id }) => id))
  expect(ran.err).toContain('the oldest 5100; more with --limit')
})

test('query ends with 1 when nothing matches', async () => {
  await using backend = await startFakeBackend({ logs: { body: page([]) } })
  expect(await runCli(['query', 'nothing', '--backend', backend.url])).toEqual({
    code: 1,
    out: '',
    err: 'tracelog query: nothing found\n',
  })
})

test('a query that does not parse ends with 2 and says where', async () => {
  await using backend = await startFakeBackend({
    logs: { status: 400, body: failure('query_syntax', 'unexpected ">" at column 9, but expected a value', 8) },
  })
  const ran = await runCli(['query', 'status>>500', '--backend', backend.url])
  expect(ran.code).toBe(2)
  expect(ran.err.split('\n').slice(0, 3)).toEqual([
    'tracelog query: unexpected ">" at column 9, but expected a value',
    '  status>>500',
    '          ^',
  ])
  const asJson = await runCli(['query', 'status>>500', '--json', '--backend', backend.url])
  expect(JSON.parse(asJson.err)).toMatchObject({ error: { code: 'TRACELOG_QUERY_SYNTAX', at: 8 } })
})

test('an error adds its type and reason to its line, and hostile text stays text', async () => {
  const rows = [
    logRow({
      level: 'ERROR',
      message: 'checkout failed',
      error_type: 'TypeError',
      error_message: 'no cart',
      error_stack: 'x',
    }),
    logRow({ message: '\u001b[2J\u202e', service: '\u0007' }),
  ]
  await using backend = await startFakeBackend({ logs: { body: page(rows.toReversed()) } })
  const { out } = await runCli(['query', '--backend', backend.url])
  expect(out).toBe(
    '14:35:22.001 web      E checkout failed  TypeError: no cart\n14:35:22.001 \\x07     I \\x1b[2J\\u202e\n',
  )
})

test('the record of a hop says nothing twice, and a field of the application has its own name', async () => {
  const hop = {
    event: 'tracelog.lb.end',
    message: 'GET /a 500',
    level: 'ERROR',
    method: 'GET',
    path: '/a',
    status: 500,
    error_type: '500',
    response_time_ms: 3,
    cache_hit: false,
    'client.address': '::1',
  }
  await using backend = await startFakeBackend({
    logs: { body: page([logRow({ 'attr.upstream': 'x' }), logRow(hop)]) },
  })
  const { out } = await runCli(['query', '--backend', backend.url])
  expect(out).toBe(
    '14:35:22.001 web      E GET /a 500  response_time_ms=3 cache_hit=false\n14:35:22.001 web      I hello  upstream=x\n',
  )
})

test('a terminal gets colours and lines that fit; NO_COLOR takes the colours away', async () => {
  await using backend = await startFakeBackend({
    logs: { body: page([logRow({ message: 'word '.repeat(50), level: 'WARN' })]) },
  })
  const coloured = await runCli(['query', '--backend', backend.url], { columns: 80 })
  expect(coloured.out).toContain('\u001b[33mW')
  const plain = await runCli(['query', '--backend', backend.url], { columns: 80, env: { NO_COLOR: '1' } })
  expect(plain.out).not.toContain('\u001b')
  expect(plain.out.trimEnd().length).toBeLessThanOrEqual(80)
})

test('trace without an id shows the newest request that failed', async () => {
  await using backend = await startFakeBackend({
    requests: ({ query }) => ({
      body:
        query['cursor'] === 'more'
          ? requests({ trace_id: 'f'.repeat(32), outcome: 'ok' }, { trace_id: EXAMPLE.trace_id, outcome: 'error' })
          : { requests: [{ trace_id: 'e'.repeat(32), outcome: 'ok' }], next_cursor: 'more', took_ms: 1 },
    }),
    [`traces/${EXAMPLE.trace_id}`]: { body: EXAMPLE },
  })
  const ran = await runCli(['trace', '--backend', backend.url])
  expect(ran.code).toBe(0)
  expect(ran.out).toContain('GET /api/cart → 500 in 41.2 ms')
  expect(backend.asked[0]?.query).toMatchObject({ q: 'level>=error', order: 'desc' })
})

test('trace takes the beginning of an id, and prints the tree as one JSON object', async () => {
  await using backend = await startFakeBackend({ 'traces/4bf92f35': { body: EXAMPLE } })
  const ran = await runCli(['trace', '4bf92f35', '--json', '--backend', backend.url])
  expect(JSON.parse(ran.out)).toEqual(EXAMPLE)
})

test('tree shows requests and calls of a trace without its lines', async () => {
  await using backend = await startFakeBackend({ 'traces/4bf92f35': { body: EXAMPLE } })
  const ran = await runCli(['tree', '4bf92f35', '--backend', backend.url])
  expect(ran.out.split('\n')).toEqual([
    '✖ GET /api/cart 500    41.2 ms  lb',
    '└ ✖ GET /api/cart 500  37.6 ms  web     1 recovered line',
    '  └ ✔ GET cart:*        8.8 ms  cache',
    '',
  ])
})

test.each([
  { argv: ['tree', 'ffffffff'], err: 'no trace begins with "ffffffff"' },
  { argv: ['trace', 'ffffffff'], err: 'no trace begins with "ffffffff"' },
  { argv: ['trace'], err: 'no failed request is stored' },
  { argv: ['trace', '--last'], err: 'no request is stored yet' },
])('$argv ends with 1 when there is none', async ({ argv, err }) => {
  await using backend = await startFakeBackend({ requests: { body: requests() } })
  const ran = await runCli([...argv, '--backend', backend.url])
  expect(ran.code).toBe(1)
  expect(ran.err).toContain(err)
})

test('sql prints a table with numbers to the right, or one object per row', async () => {
  const body = {
    columns: [
      { name: 'service', type: 'VARCHAR' },
      { name: 'n', type: 'BIGINT' },
      { name: 'n', type: 'BIGINT' },
    ],
    rows: [
      ['web', 12, 1],
      ['load\u001b_balancer', null, 2],
    ],
    truncated: false,
  }
  await using backend = await startFakeBackend({ sql: { body } })
  const table = await runCli(['sql', 'select 1', '--backend', backend.url])
  expect(table.out).toBe(
    [
      'service               n  n',
      '─────────────────  ────  ─',
      'web                  12  1',
      'load\\x1b_balancer  NULL  2',
      '',
    ].join('\n'),
  )
  expect(backend.asked[0]).toMatchObject({ method: 'POST', body: '{"sql":"select 1"}' })
  const json = await runCli(['sql', 'select 1', '--json', '--backend', backend.url])
  expect(json.out.split('\n')[0]).toBe('{"service":"web","n":12,"n_2":1}')
})

test('tail shows what was there and then what comes, each record once', async () => {
  await using backend = await startFakeBackend({
    logs: { body: page([logRow({ _id: '2', message: 'two' }), logRow({ _id: '1', message: 'one' })]) },
    tail: {
      handle(response) {
        const send = openEvents(response)
        send('log', logRow({ _id: '2', message: 'two' }), '2')
        send('request', { trace_id: 'x' })
        send('gap', { dropped: 3 })
        send('log', logRow({ _id: '3', message: 'three' }), '3')
      },
    },
  })
  const ran = await runCli(['tail', 'service:web', '--trace', '4BF92F35', '--count', '3', '--backend', backend.url])
  expect(ran.code).toBe(0)
  expect(ran.out.split('\n').map((line) => line.split(' ').at(-1))).toEqual(['one', 'two', 'three', ''])
  expect(ran.err).toContain('3 records were not shown')
  expect(backend.asked.map(({ query }) => query['q'])).toEqual([
    'service:web trace:4BF92F35',
    'service:web trace:4BF92F35',
  ])
})

test('tail comes back after a lost connection and says where it was', async () => {
  let connections = 0
  await using backend = await startFakeBackend({
    logs: { body: page([]) },
    tail: {
      handle(response) {
        connections++
        const send = openEvents(response)
        send('log', logRow({ _id: String(connections), message: `line ${connections}` }), String(connections))
        if (connections === 1) response.end()
      },
    },
  })
  const ran = await runCli(['tail', '--count', '2', '--backend', backend.url])
  expect(ran.out).toMatch(/line 1\n.*line 2\n$/)
  expect(backend.asked.filter(({ path }) => path === 'tail')[1]?.headers['last-event-id']).toBe('1')
})

test('tail ends with 2 when the query does not parse, with 3 when nobody answers', async () => {
  const backend = await startFakeBackend({
    tail: { status: 400, body: failure('query_syntax', 'wrong at column 1', 0) },
  })
  expect((await runCli(['tail', '(', '--backend', backend.url])).code).toBe(2)
  await backend.stop()
  expect((await runCli(['tail', '--backend', backend.url])).code).toBe(3)
})

test('a wrong token ends with 3 and names the variable', async () => {
  await using backend = await startFakeBackend({ logs: { body: page([]) } })
  const ran = await runCli(['query', '--backend', backend.url], { env: { TRACELOG_TOKEN: 'other' } })
  expect(ran.code).toBe(3)
  expect(ran.err).toContain('TRACELOG_TOKEN')
  expect(backend.asked[0]?.headers.authorization).not.toContain(TOKEN)
})
