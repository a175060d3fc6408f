import { get, type IncomingMessage } from 'node:http'

import { describe, expect, onTestFinished, test, vi } from 'vitest'

import type { ListedLogsPage } from '../../../src/model/api.ts'
import { type HttpAnswer, send, startTestBackend, type TestBackend } from '../support/backend.ts'
import { HOSTILE, logRow, requestRow, tree } from '../support/memory-store.ts'
import { PLAIN_PAINT } from '../../../src/tree/text/paint.ts'
import { renderTrace } from '../../../src/tree/text/render-trace.ts'

const ask = ({ ready }: TestBackend, path: string): Promise<HttpAnswer> =>
  send(ready.api + path, { headers: { authorization: `Bearer ${ready.token}` } })
const port = (url: string): number => Number(new URL(url).port)
const json = (answer: HttpAnswer): unknown => JSON.parse(String(answer.body))

describe('the API', () => {
  test('answers status as the contract says', async () => {
    const backend = await startTestBackend()
    const { ready } = backend
    expect(json(await ask(backend, '/api/v1/status'))).toEqual({
      version: expect.stringMatching(/^\d+\.\d+\.\d+/),
      pid: process.pid,
      started_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
      data: ready.data,
      ports: { otlp_http: port(ready.otlp_http), otlp_grpc: port(ready.otlp_grpc), api: port(ready.api) },
      received: { logs: 0, spans: 0, rejected: 0, requests: 0, bytes: 0 },
      stored: { logs: 0, spans: 0, traces: 0, bytes: 0, waiting_bytes: 0, oldest: null, newest: null },
      journal: { segments: 0, bytes: 0, lag_records: 0 },
      wanted: { streams: 0, traces: 0, dropped: 0, refused: 0 },
    })
  })

  test.each([
    { path: 'logs', expected: { logs: [logRow], next_cursor: 'next' } },
    { path: 'logs?format=otlp', expected: { resourceLogs: [], next_cursor: null } },
    {
      path: 'requests?since=15m&until=2026-11-20T00:00:00Z&order=asc&limit=5000&cursor=a',
      expected: { requests: [requestRow] },
    },
    { path: `traces/${tree.trace_id}`, expected: tree },
    { path: `traces/${tree.trace_id}?format=otlp`, expected: { resourceLogs: [], resourceSpans: [] } },
    { path: `traces/${tree.trace_id}/baseline`, expected: requestRow },
    {
      path: `diff?a=${tree.trace_id}&b=${tree.trace_id}`,
      expected: { sentence: 'as fast', a: { trace_id: tree.trace_id } },
    },
    { path: 'services', expected: [] },
    {
      path: 'histogram?q=a&since=15m&buckets=500&by=service&of=requests&step_ms=10&budget_ms=10000',
      expected: { series: { ERROR: [1] } },
    },
    { path: 'facets?fields=service,level&limit=100', expected: { facets: { service: [{ count: 1 }] } } },
    { path: 'patterns?new_since=1h&limit=500', expected: { patterns: [] } },
    { path: 'errors?new_since=1h&limit=500', expected: { errors: [] } },
    { path: 'map?since=1h&budget_ms=10', expected: { nodes: [], edges: [] } },
    { path: 'fields?prefix=a', expected: { fields: [] } },
    { path: 'logs/7', expected: logRow },
    { path: 'logs/7/around?before=0&after=500&same=trace', expected: { logs: [{ ...logRow, anchor: true }] } },
  ])('answers GET $path', async ({ path, expected }) => {
    expect(json(await ask(await startTestBackend(), `/api/v1/${path}`))).toMatchObject(expected)
  })

  test('DELETE data clears, and says what', async () => {
    const backend = await startTestBackend()
    const cleared = { logs: 1, spans: 2, traces: 3 }
    const remove = async (path: string, token: string): Promise<HttpAnswer> =>
      await send(backend.ready.api + path, { method: 'DELETE', headers: { authorization: `Bearer ${token}` } })
    const { token } = backend.ready
    expect(json(await remove('/api/v1/data?before=1d', token))).toEqual(cleared)
    for (const wrong of ['before=soon', 'before=', 'befor=7d'])
      expect((await remove(`/api/v1/data?${wrong}`, token)).status).toBe(400)
    expect((await ask(backend, '/api/v1/data')).status).toBe(405)
    expect((await remove('/api/v1/data', 'no')).status).toBe(401)
  })

  test.each([
    {
      path: 'logs?limit=0',
      status: 400,
      error: { code: 'bad_request', message: 'limit is "0", but must be a whole number from 1 to 5000' },
    },
    {
      path: 'logs?fields=list&format=otlp',
      status: 400,
      error: { message: 'fields is for format=flat, OTLP has whole records' },
    },
    {
      path: 'histogram?buckets=0',
      status: 400,
      error: { code: 'bad_request', message: 'buckets is "0", but must be a whole number from 1 to 500' },
    },
    {
      path: 'histogram?step_ms=3',
      status: 400,
      error: { message: 'step_ms is "3", but must be the step_ms of another answer' },
    },
    {
      path: 'facets?fields=a&budget_ms=10001',
      status: 400,
      error: { message: 'budget_ms is "10001", but must be a whole number from 0 to 10000' },
    },
    { path: 'fields?q=a=', status: 400, error: { code: 'query_syntax', at: 2 } },
    { path: 'logs/8', status: 404, error: { code: 'not_found', message: 'no record of that id is stored' } },
    { path: 'logs/8/around', status: 404, error: { code: 'not_found', message: 'no record of that id is stored' } },
    {
      path: 'logs/7/around?before=501',
      status: 400,
      error: { message: 'before is "501", but must be a whole number from 0 to 500' },
    },
    {
      path: 'logs/7/around?same=host',
      status: 400,
      error: { message: 'same is "host", but must be one of all, service, trace' },
    },
    { path: 'logs//around', status: 404, error: { message: 'no such path' } },
    { path: 'logs/7/below', status: 404, error: { message: 'no such path' } },
    { path: 'logs/7/around/7', status: 404, error: { message: 'no such path' } },
    { path: 'logs?limit=5001', status: 400, error: { code: 'bad_request' } },
    { path: 'logs?order=up', status: 400, error: { message: 'order is "up", but must be one of asc, desc' } },
    { path: 'logs?since=yesterday', status: 400, error: { code: 'bad_request' } },
    {
      path: 'logs?q=a%3D',
      status: 400,
      error: { code: 'query_syntax', message: '"=" at column 3, but expected a value', at: 2 },
    },
    { path: 'tail?q=a%3D', status: 400, error: { code: 'query_syntax', at: 2 } },
    { path: 'traces/ffffffff', status: 404, error: { code: 'not_found' } },
    { path: 'traces/ffffffff/baseline', status: 404, error: { message: 'no other request of that kind went well' } },
    {
      path: 'diff?a=ffffffff',
      status: 400,
      error: { message: 'diff needs a and b, the ids of two traces, or run_a and run_b' },
    },
    {
      path: `diff?a=${tree.trace_id}&b=ffffffff`,
      status: 404,
      error: { code: 'not_found', message: 'no record or span of one of these traces is stored' },
    },
    { path: 'traces/%ff', status: 404, error: { code: 'not_found' } },
    { path: 'traces/', status: 404, error: { code: 'not_found' } },
    { path: '../../etc/passwd', status: 404, error: { code: 'not_found' } },
    { path: 'nothing', status: 404, error: { code: 'not_found', message: 'no such path' } },
  ])('explains what is wrong with GET $path', async ({ path, status, error }) => {
    const answer = await ask(await startTestBackend(), `/api/v1/${path}`)
    expect(answer.status).toBe(status)
    expect(json(answer)).toMatchObject({ error })
  })
})

test.each([
  { fields: 'list', keys: [] },
  { fields: 'list%2C', keys: [] },
  { fields: encodeURIComponent(`absent, ${HOSTILE}`), keys: [HOSTILE] },
])('fields=$fields answers the head of each record and these fields', async ({ fields, keys }) => {
  const answer = json(await ask(await startTestBackend(), `/api/v1/logs?fields=${fields}`)) as ListedLogsPage
  const head = ['_id', 'time_ns', 'timestamp', 'level', 'service', 'message', 'trace_id']
  expect(Object.keys(answer.logs[0] ?? {}).toSorted()).toEqual([...head, ...keys].toSorted())
})

describe('a trace as text', () => {
  test.each([`/traces/${tree.trace_id}?format=text`, `/api/v1/traces/${tree.trace_id}?format=text`])(
    'is what `tracelog trace` prints into a pipe: %s',
    async (path) => {
      const answer = await ask(await startTestBackend(), path)
      expect(answer.headers['content-type']).toBe('text/plain; charset=utf-8')
      expect(String(answer.body)).toBe(`${renderTrace(tree, { paint: PLAIN_PAINT, columns: undefined }).join('\n')}\n`)
      expect(String(answer.body)).not.toContain('\u202e')
    },
  )

  test('answers 404 for a trace that nobody knows, 400 for another format', async () => {
    const backend = await startTestBackend()
    expect((await ask(backend, '/traces/ffffffff?format=text')).status).toBe(404)
    expect((await ask(backend, '/api/v1/traces/ffffffff?format=text')).status).toBe(404)
    expect((await ask(backend, `/traces/${tree.trace_id}?format=pdf`)).status).toBe(400)
  })
})

describe('the page', () => {
  test.each([
    '/',
    '/logs',
    `/traces/${tree.trace_id}`,
    '/?q=a%3D',
    '/logs?q=a%3D',
    `/?q=${encodeURIComponent(HOSTILE)}`,
  ])('shows text from outside as text: %s', async (path) => {
    const answer = await ask(await startTestBackend(), path)
    const html = String(answer.body)
    expect(answer.headers['content-type']).toBe('text/html; charset=utf-8')
    expect(html).toMatch(/^<!doctype html>/)
    expect(html).not.toContain('<script>')
    expect(html).not.toContain('\u202e')
    expect(html).not.toMatch(/ on\w+="| style="/)
    // Every tag that is in the page is one that we wrote.
    const tags = new Set(html.match(/<[a-z1-6]+/g))
    expect([...tags].filter((tag) => !OUR_TAGS.has(tag.slice(1)))).toEqual([])
  })

  test('points at a wrong query beside its input', async () => {
    const answer = await ask(await startTestBackend(), '/?q=a%3D')
    expect(answer.status).toBe(400)
    expect(String(answer.body)).toContain('&quot;=&quot; at column 3, but expected a value')
  })

  test('says in a sentence what to do without a token', async () => {
    const { ready } = await startTestBackend()
    const answer = await send(`${ready.api}/`)
    expect(answer.status).toBe(401)
    expect(String(answer.body)).toContain('open the address that `tracelog dev` printed')
  })
})

const OUR_TAGS = new Set(
  'html head meta title link script body header a svg rect nav form input kbd span p main h1 div time b i table thead tr th tbody td details summary pre noscript'.split(
    ' ',
  ),
)

interface OpenTail {
  readonly response: IncomingMessage
  text(): string
}

function openTail({ ready }: TestBackend, query = ''): Promise<OpenTail> {
  return new Promise((resolve, reject) => {
    const headers = { authorization: `Bearer ${ready.token}` }
    const request = get(`${ready.api}/api/v1/tail${query}`, { headers, agent: false }, (response) => {
      let text = ''
      response.on('data', (chunk: Buffer) => (text += String(chunk)))
      resolve({ response, text: () => text })
    })
    request.on('error', reject)
    onTestFinished(() => void request.destroy())
  })
}

describe('the tail', () => {
  test('sends records with ids, requests and gaps, and stops listening when the client goes', async () => {
    const backend = await startTestBackend()
    const tail = await openTail(backend)
    expect(tail.response.headers['content-type']).toBe('text/event-stream; charset=utf-8')
    const [listener] = backend.stages.tails
    listener?.log(logRow, '9')
    listener?.request(requestRow)
    listener?.gap(3)
    await vi.waitFor(
      () =>
        expect(tail.text()).toBe(
          `: tracelog\n\nid: 9\nevent: log\ndata: ${JSON.stringify(logRow)}\n\n` +
            `event: request\ndata: ${JSON.stringify(requestRow)}\n\nevent: gap\ndata: {"dropped":3}\n\n`,
        ),
      10_000,
    )
    tail.response.destroy()
    await vi.waitFor(() => expect(backend.stages.tails.size).toBe(0), 10_000)
  })

  test('drops and counts what a slow client does not take, instead of keeping it', async () => {
    const backend = await startTestBackend()
    const tail = await openTail(backend)
    tail.response.pause()
    const [listener] = backend.stages.tails
    const large = { ...logRow, message: 'x'.repeat(100_000) }
    for (let sent = 0; sent < 400; sent++) listener?.log(large)
    expect(process.memoryUsage().arrayBuffers).toBeLessThan(200 * 1024 * 1024)
    tail.response.resume()
    await vi.waitFor(() => expect(tail.text()).toContain('event: gap'), { timeout: 10_000 })
    const received = tail.text().split('event: log').length - 1
    const dropped = Number(/"dropped":(\d+)/.exec(tail.text())?.[1])
    expect(received + dropped).toBe(400)
  })

  test('ends when the backend stops', async () => {
    const backend = await startTestBackend()
    const tail = await openTail(backend)
    const ended = new Promise((resolve) => tail.response.on('end', resolve))
    await backend.stop()
    await ended
    expect(tail.text()).toContain(': tracelog')
  })
})
