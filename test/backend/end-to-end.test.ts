/**
 * The whole backend with its real store: what goes in over OTLP comes out of the API, the tail and the page.
 */
import { get } from 'node:http'

import { describe, expect, onTestFinished, test, vi } from 'vitest'

import { type RunningBackend, startBackend } from '../../src/backend/start.ts'
import type { LogsPage, RequestsPage, TraceTree } from '../../src/model/api.ts'
import { send, temporaryDirectory, testConfig } from './support/backend.ts'

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736'

async function start(directory: string = temporaryDirectory()): Promise<RunningBackend> {
  const backend = await startBackend(testConfig(directory))
  onTestFinished(() => backend.stop())
  return backend
}

const text = (key: string, stringValue: string): object => ({ key, value: { stringValue } })

function post({ ready }: RunningBackend, path: string, body: object): Promise<{ readonly status: number }> {
  const headers = { 'content-type': 'application/json' }
  return send(`${ready.otlp_http}/v1/${path}`, { method: 'POST', headers, body: JSON.stringify(body) })
}

/** GET /api/cart -> 500 in web: one span, one line inside of it. */
async function sendRequest(backend: RunningBackend): Promise<void> {
  const started = BigInt(Date.now()) * 1_000_000n
  const resource = { attributes: [text('service.name', 'web')] }
  const span = {
    traceId: TRACE,
    spanId: '00f067aa0ba902b7',
    name: 'GET /api/cart',
    kind: 2,
    startTimeUnixNano: String(started),
    endTimeUnixNano: String(started + 41_200_000n),
    attributes: [
      text('http.request.method', 'GET'),
      text('url.path', '/api/cart'),
      { key: 'http.response.status_code', value: { intValue: '500' } },
    ],
    status: { code: 2 },
  }
  const record = {
    traceId: TRACE,
    spanId: span.spanId,
    timeUnixNano: String(started + 12_530_000n),
    observedTimeUnixNano: String(started + 12_530_000n),
    severityNumber: 17,
    severityText: 'error',
    body: { stringValue: 'cart is <undefined>' },
  }
  const statuses = await Promise.all([
    post(backend, 'traces', { resourceSpans: [{ resource, scopeSpans: [{ spans: [span] }] }] }),
    post(backend, 'logs', { resourceLogs: [{ resource, scopeLogs: [{ logRecords: [record] }] }] }),
  ])
  expect(statuses.map((answer) => answer.status)).toEqual([200, 200])
}

async function ask({ ready }: RunningBackend, path: string, body?: object): Promise<unknown> {
  const headers = { authorization: `Bearer ${ready.token}`, 'content-type': 'application/json' }
  const asked = body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) }
  const answer = await send(ready.api + path, { headers, ...asked })
  return JSON.parse(String(answer.body)) as unknown
}

/** Asked once: what was acknowledged is in the next answer. */
async function expectToHoldTheRequest(backend: RunningBackend): Promise<void> {
  const { requests } = (await ask(backend, '/api/v1/requests')) as RequestsPage
  expect(requests).toMatchObject([{ trace_id: TRACE, method: 'GET', path: '/api/cart', status: 500, outcome: 'error' }])
  const { logs } = (await ask(backend, '/api/v1/logs?q=level%3E%3Dwarn')) as LogsPage
  expect(logs).toMatchObject([{ trace_id: TRACE, service: 'web', level: 'ERROR', message: 'cart is <undefined>' }])
  const tree = (await ask(backend, `/api/v1/traces/${TRACE.slice(0, 8)}`)) as TraceTree
  expect(tree.rows.map(({ kind, depth }) => ({ kind, depth }))).toEqual([
    { kind: 'span', depth: 0 },
    { kind: 'log', depth: 1 },
  ])
}

test('what only the journal holds for good does not wait: it is in every answer', async () => {
  const backend = await start()
  const logRecords = Array.from({ length: 3_000 }, (_, n) => ({ body: { stringValue: `line ${n}` } }))
  expect((await post(backend, 'logs', { resourceLogs: [{ scopeLogs: [{ logRecords }] }] })).status).toBe(200)
  await expect
    .poll(() => ask(backend, '/api/v1/status'))
    .toMatchObject({
      stored: { logs: 3_000, waiting_bytes: 0 },
      journal: { lag_records: 3_000 },
    })
})

describe('a request that was sent over OTLP', () => {
  test('is in the API and on the page, and still after a restart', async () => {
    const directory = temporaryDirectory()
    const first = await start(directory)
    await sendRequest(first)
    await expectToHoldTheRequest(first)
    const page = await send(`${first.ready.api}/traces/${TRACE}`, {
      headers: { authorization: `Bearer ${first.ready.token}` },
    })
    expect(String(page.body)).toContain(String.raw`cart is \u003cundefined\u003e`)
    await first.stop()

    const second = await start(directory)
    // A clean stop left nothing to replay.
    expect(second.replayed).toMatchObject({ requests: 0, damages: 0 })
    await expectToHoldTheRequest(second)
    expect(await ask(second, '/api/v1/status')).toMatchObject({ stored: { logs: 1, spans: 1, traces: 1 } })
  })

  test.each(['traces/', 'traces/prefix', 'logs', 'requests', 'services', 'sql'])(
    'is in the very next answer of %s',
    async (what) => {
      const backend = await start()
      await sendRequest(backend)
      const count = async (): Promise<unknown> => {
        if (what === 'sql') {
          const sql = 'SELECT (SELECT count(*) FROM logs) + (SELECT count(*) FROM spans)'
          return ((await ask(backend, '/api/v1/sql', { sql })) as { readonly rows: unknown[][] }).rows[0]?.[0]
        }
        const path = what
          .replace('traces/prefix', `traces/${TRACE.slice(0, 8)}`)
          .replace(/traces\/$/, `traces/${TRACE}`)
        const answer = (await ask(backend, `/api/v1/${path}`)) as Record<string, unknown[]>
        return (answer['rows'] ?? answer['logs'] ?? answer['requests'] ?? (answer as unknown as unknown[])).length
      }
      expect(await count()).toBe(['logs', 'requests', 'services'].includes(what) ? 1 : 2)
    },
  )

  test('is listed while it runs, from its first line on, and once when it has ended', async () => {
    const backend = await start()
    const line = async (fields: object, attributes: readonly object[]): Promise<unknown> => {
      const record = {
        traceId: TRACE,
        spanId: '00f067aa0ba902b7',
        timeUnixNano: String(BigInt(Date.now()) * 1_000_000n),
        attributes: [{ key: 'tracelog.seq', value: { intValue: '0' } }, ...attributes],
        ...fields,
      }
      const resource = { attributes: [text('service.name', 'web')] }
      await post(backend, 'logs', { resourceLogs: [{ resource, scopeLogs: [{ logRecords: [record] }] }] })
      return ((await ask(backend, '/api/v1/requests')) as RequestsPage).requests
    }
    const id = { trace_id: TRACE, span_id: '00f067aa0ba902b7' }
    expect(await line({ body: { stringValue: 'begun' } }, [])).toMatchObject([
      { ...id, outcome: 'running', duration_ms: null },
    ])
    const ended = [
      { key: 'tracelog.response_time_ms', value: { doubleValue: 5 } },
      { key: 'http.response.status_code', value: { intValue: '200' } },
    ]
    expect(await line({ eventName: 'tracelog.http.server.end' }, ended)).toMatchObject([
      { ...id, outcome: 'ok', duration_ms: 5 },
    ])
  })

  test('is in the tail', async () => {
    const backend = await start()
    const { ready } = backend
    let heard = ''
    const request = get(
      `${ready.api}/api/v1/tail`,
      { headers: { authorization: `Bearer ${ready.token}` } },
      (response) => {
        response.on('data', (chunk: Buffer) => (heard += String(chunk)))
      },
    )
    onTestFinished(() => void request.destroy())
    await vi.waitFor(() => expect(heard).toContain(': tracelog'), 10_000)
    await sendRequest(backend)
    await vi.waitFor(() => expect(heard).toMatch(/event: log\ndata: \{.*cart is <undefined>/), { timeout: 10_000 })
    await vi.waitFor(() => expect(heard).toMatch(/event: request\ndata: \{.*"\/api\/cart"/), { timeout: 10_000 })
  })

  test('is in the tail when it is a span without any record', async () => {
    const backend = await start()
    const { ready } = backend
    let heard = ''
    const headers = { authorization: `Bearer ${ready.token}` }
    const request = get(`${ready.api}/api/v1/tail`, { headers }, (response) => {
      response.on('data', (chunk: Buffer) => (heard += String(chunk)))
    })
    onTestFinished(() => void request.destroy())
    await vi.waitFor(() => expect(heard).toContain(': tracelog'), 10_000)
    const span = {
      traceId: TRACE,
      spanId: '00f067aa0ba902b7',
      name: 'GET /alone',
      kind: 2,
      startTimeUnixNano: '1',
      endTimeUnixNano: '2',
    }
    await post(backend, 'traces', { resourceSpans: [{ scopeSpans: [{ spans: [span] }] }] })
    await vi.waitFor(() => expect(heard).toContain('event: request'), { timeout: 10_000 })
  })

  test('can be asked for in SQL, read-only', async () => {
    const backend = await start()
    await sendRequest(backend)
    const { ready } = backend
    const sql = (query: string): ReturnType<typeof send> =>
      send(`${ready.api}/api/v1/sql`, {
        method: 'POST',
        headers: { authorization: `Bearer ${ready.token}`, 'content-type': 'application/json' },
        body: JSON.stringify({ sql: query }),
      })
    await vi.waitFor(async () => {
      const answer = await sql('select service, body from logs')
      expect(JSON.parse(String(answer.body))).toMatchObject({
        rows: [['web', 'cart is <undefined>']],
        truncated: false,
      })
    }, 10_000)
    const refused = await Promise.all(
      ['drop table logs', 'select 1; select 2', "select * from read_csv('/etc/passwd')"].map(sql),
    )
    expect(refused.map((answer) => answer.status)).toEqual([400, 400, 400])
  })
})
