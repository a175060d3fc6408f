import { describe, expect, test } from 'vitest'

import { requestRow } from '../mcp/kit.ts'
import { startFakeBackend } from './fake-backend.ts'
import { runCli } from './run-cli.ts'

const NOW = new Date().toISOString()
const REQUESTS = [
  requestRow({ started_at: NOW, route: '/api/cart' }),
  requestRow({ started_at: NOW, route: '/api/cart', outcome: 'ok', status: 200, duration_ms: 3 }),
  requestRow({
    started_at: NOW,
    path: '/health',
    outcome: 'ok',
    status: 200,
    duration_ms: 1,
    services: ['\u001b[2Jweb'],
  }),
]

describe('a table of requests by service and route', () => {
  test('is printed once into a pipe', async () => {
    await using backend = await startFakeBackend({
      requests: { body: { requests: REQUESTS, next_cursor: null, took_ms: 1 } },
    })
    const { code, out } = await runCli(['top', 'path:/api/*', '--backend', backend.url])
    expect(code).toBe(0)
    const [head, titles, , first, second] = out.split('\n')
    expect(head).toMatch(/^3 requests since /)
    expect(titles?.replaceAll(/ {2,}/g, '|')).toBe('service|route|requests|per s|errors|p50 ms|p95 ms|newest error')
    expect(first?.replaceAll(/ {2,}/g, '|')).toBe(
      'lb|GET /api/cart|2|2|1|41.2|41.2|4bf92f35 TypeError: cart is undefined',
    )
    expect(second).toContain(String.raw`\x1b[2Jweb`)
    expect(backend.asked[0]?.query).toMatchObject({ q: 'path:/api/*', since: '5m' })
  })

  test('is one line for each route with --json', async () => {
    await using backend = await startFakeBackend({
      requests: { body: { requests: REQUESTS, next_cursor: null, took_ms: 1 } },
    })
    const { out } = await runCli(['top', '--json', '--limit', '1', '--backend', backend.url])
    expect(
      out
        .trim()
        .split('\n')
        .map((line) => (JSON.parse(line) as { route: string }).route),
    ).toEqual(['GET /api/cart'])
  })

  test('of nothing says so, and ends with 1', async () => {
    await using backend = await startFakeBackend({
      requests: { body: { requests: [], next_cursor: null, took_ms: 1 } },
    })
    const { code, out } = await runCli(['top', '--once', '--backend', backend.url])
    expect([code, out]).toEqual([1, 'no request came in that time\n'])
  })

  test('is drawn anew on a terminal until a signal comes', async () => {
    await using backend = await startFakeBackend({
      requests: { body: { requests: REQUESTS, next_cursor: null, took_ms: 1 } },
    })
    let tables = 0
    const onOut = (text: string): void => {
      if (text.startsWith('\u001b[H\u001b[J') && ++tables === 2) process.emit('SIGINT')
    }
    const { code } = await runCli(['top', '--backend', backend.url], { columns: 80, onOut })
    expect([code, tables]).toEqual([0, 2])
  })
})
