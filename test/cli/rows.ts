/**
 * Answers of the API for tests: the example of spec/backend, and records.
 */
import type { LogRow, TraceTree } from '../../src/model/api.ts'

export function logRow(fields: Partial<LogRow> & Record<string, unknown> = {}): LogRow {
  return {
    _id: '1',
    time_ns: '1726151722001000000',
    observed_ns: '1726151722001000000',
    timestamp: '2024-09-12T14:35:22.001Z',
    level: 'INFO',
    service: 'web',
    message: 'hello',
    ...fields,
  }
}

const STACK = [
  'TypeError: cart is undefined',
  '    at getCart (file:///srv/shop/src/cart.ts:31:14)',
  '    at handler (file:///srv/shop/src/routes/cart.ts:12:20)',
  '    at a (/srv/shop/src/a.ts:1:1)',
  '    at b (/srv/shop/src/b.ts:1:1)',
  '    at c (/srv/shop/src/c.ts:1:1)',
  '    at d (/srv/shop/src/d.ts:1:1)',
  ...Array.from(
    { length: 11 },
    (_, i) => `    at Layer.handle${i} (/srv/shop/node_modules/router/lib/layer.js:${i}:5)`,
  ),
].join('\n')

/** The request that spec/backend draws. */
export const EXAMPLE: TraceTree = {
  trace_id: '4bf92f3577b34da6a3ce929d0e0e4736',
  sentence: 'GET /api/cart → 500 in 41.2 ms: TypeError: cart is undefined in web, 12.5 ms into the request.',
  started_at: '2026-11-21T14:32:06.981Z',
  duration_ms: 41.2,
  outcome: 'error',
  services: ['lb', 'web', 'cache'],
  counts: { spans: 4, inferred: 1, logs: 3, errors: 1, recovered: 0 },
  skew: [{ from: 'lb', to: 'web', ahead_ms: 0.1, bound_ms: 0.4 }],
  rows: [
    {
      kind: 'span',
      depth: 0,
      at_ms: 0,
      service: 'lb',
      component: 'load_balancer',
      span_id: '00f067aa0ba902b7',
      name: 'GET',
      status: 500,
      took_ms: 41.2,
      fields: { method: 'GET', path: '/api/cart', upstream: '127.0.0.1:3001', lb_server: 'web-2' },
    },
    {
      kind: 'log',
      depth: 1,
      at_ms: 0.311,
      service: 'lb',
      level: 'INFO',
      message: 'picked backend',
      fields: { pool: 'blue', upstream: 'web-2', lb_routing_ms: 0.29 },
    },
    {
      kind: 'gap',
      depth: 1,
      at_ms: 0.311,
      took_ms: 3.1,
      message: '3.1 ms between lb and web (clocks agree within 0.4 ms)',
    },
    {
      kind: 'span',
      depth: 1,
      at_ms: 3.412,
      service: 'web',
      component: 'http_server',
      span_id: '00f067aa0ba902b8',
      name: 'GET /api/cart',
      status: 500,
      took_ms: 37.6,
      fields: { method: 'GET', path: '/api/cart', route: '/api/cart' },
    },
    {
      kind: 'log',
      depth: 2,
      at_ms: 3.69,
      service: 'web',
      level: 'DEBUG',
      message: 'cart lookup',
      fields: { user: 42 },
      recovered: true,
    },
    {
      kind: 'span',
      depth: 2,
      at_ms: 3.702,
      service: 'cache',
      component: 'cache',
      span_id: '00f067aa0ba902b9',
      name: 'GET',
      took_ms: 8.8,
      inferred: true,
      fields: { cache_op: 'get', cache_key: 'cart:*', cache_hit: false },
    },
    {
      kind: 'log',
      depth: 2,
      at_ms: 12.53,
      service: 'web',
      level: 'ERROR',
      message: 'cart is undefined',
      fields: { user: 42, error_type: 'TypeError' },
      error: { type: 'TypeError', message: 'cart is undefined', stack: STACK },
    },
  ],
}
