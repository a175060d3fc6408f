import { expect, test } from 'vitest'

import { requestError, routeFigures } from '../../src/sources/route-figures.ts'
import { requestRow } from '../mcp/kit.ts'

test('requests of one service, method and route are one row, the most frequent first', () => {
  const ok = { outcome: 'ok', status: 200, error_type: undefined, error_message: undefined } as const
  const rows = [
    requestRow({ trace_id: 'b'.repeat(32), path: '/items/2', route: '/items/:id', duration_ms: 30 }),
    requestRow({ ...(ok as object), path: '/items/1', route: '/items/:id', duration_ms: 10, outcome: 'ok' }),
    requestRow({ ...(ok as object), path: '/health', duration_ms: null, outcome: 'running' }),
    requestRow({ ...(ok as object), path: '/items/3', route: '/items/:id', duration_ms: 20, outcome: 'ok' }),
    requestRow({
      ...(ok as object),
      path: '/items/3',
      route: '/items/:id',
      method: 'PUT',
      duration_ms: 5,
      outcome: 'ok',
    }),
  ]
  expect(routeFigures(rows, 10)).toEqual([
    {
      service: 'lb',
      route: 'GET /items/:id',
      requests: 3,
      per_second: 0.3,
      errors: 1,
      p50_ms: 20,
      p95_ms: 30,
      newest_error: {
        trace_id: 'b'.repeat(32),
        started_at: '2026-11-21T14:32:06.981Z',
        text: 'TypeError: cart is undefined',
      },
    },
    { service: 'lb', route: 'GET /health', requests: 1, per_second: 0.1, errors: 0, p50_ms: null, p95_ms: null },
    { service: 'lb', route: 'PUT /items/:id', requests: 1, per_second: 0.1, errors: 0, p50_ms: 5, p95_ms: 5 },
  ])
})

test.each([
  [{ error_type: 'TypeError', error_message: 'no' }, 'TypeError: no'],
  [{ error_type: 'TypeError', error_message: 'TypeError: no' }, 'TypeError: no'],
  [{ error_type: 'ECONNREFUSED', error_message: '' }, 'ECONNREFUSED'],
  [{ error_type: '', error_message: 'no' }, 'no'],
  [{ error_type: '', error_message: '', status: 502 }, '502'],
])('the error of %o is %s', (fields, text) => {
  expect(requestError(requestRow(fields))).toBe(text)
})
