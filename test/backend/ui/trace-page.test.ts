import { expect, test } from 'vitest'

import { renderTrace } from '../../../src/backend/ui/trace-page.ts'
import type { Skew, TraceTree, TreeRow } from '../../../src/model/api.ts'

function pageOf(skew: readonly Skew[]): string {
  const tree: TraceTree = {
    trace_id: '4bf92f3577b34da6a3ce929d0e0e4736',
    sentence: 'GET /a → 200 in 3.0 ms.',
    started_at: '2026-11-21T14:32:06.981Z',
    duration_ms: 3,
    outcome: 'ok',
    services: ['lb', 'web', 'redis'],
    counts: { spans: 2, inferred: 1, logs: 2, errors: 0, recovered: 0 },
    skew,
    rows: [
      { kind: 'span', depth: 0, at_ms: 0, service: 'web', component: 'http_server', name: 'GET', took_ms: 3 },
      {
        kind: 'span',
        depth: 1,
        at_ms: 1,
        service: 'redis',
        component: 'cache',
        name: 'GET',
        took_ms: 1,
        inferred: true,
      },
      { kind: 'span', depth: 1, at_ms: 2, service: 'web', component: 'app', name: 'lost', took_ms: 1, inferred: true },
    ],
  }
  return renderTrace(tree)
}

test('a clock difference is told when it is more than its own uncertainty', () => {
  expect(pageOf([{ from: 'lb', to: 'web', ahead_ms: 2, bound_ms: 2.5 }])).not.toContain('clock of')
  expect(pageOf([{ from: 'lb', to: 'web', ahead_ms: -40, bound_ms: 2.5 }])).toContain('clock of web')
})

test('a look-up is what its caller saw, any other row without a span is one that should have had one', () => {
  const page = pageOf([])
  expect(page).toContain('as its caller saw it')
  expect(page.match(/no span was received/g)).toHaveLength(1)
})

test('rows say what the terminal says: paths, errors with their causes, the fields of the application first and all of them', () => {
  const page = renderTrace({
    trace_id: '4bf92f3577b34da6a3ce929d0e0e4736',
    sentence: 'GET /api/cart → 500 in 3.0 ms.',
    started_at: '2026-11-21T14:32:06.981Z',
    duration_ms: 3,
    outcome: 'error',
    services: ['web'],
    counts: { spans: 2, inferred: 0, logs: 1, errors: 1, recovered: 0 },
    skew: [],
    rows: [
      {
        kind: 'span',
        depth: 0,
        at_ms: 0,
        component: 'http_server',
        name: 'GET',
        status: 500,
        took_ms: 3,
        fields: { method: 'GET', path: '/api/cart', 'client.address': '127.0.0.1' },
      },
      {
        kind: 'span',
        depth: 1,
        at_ms: 1,
        component: 'client',
        name: 'GET',
        status: 'error',
        took_ms: 1,
        fields: { method: 'GET', 'url.full': 'http://api.test/v1/x?y=1' },
        error: { type: 'ENOTFOUND', message: 'getaddrinfo ENOTFOUND api.test' },
      },
      {
        kind: 'log',
        depth: 1,
        at_ms: 2,
        level: 'ERROR',
        message: 'order failed',
        fields: { method: 'GET', elapsed_ms: 1, a: 1, b: 2, c: 3, d: 4, e: 5, f: 6, 'server.name': 'db', id: 'JOB-7' },
        error: { type: 'Error', message: 'no order', causes: ['fetch failed'] },
      },
    ],
  })
  const text = page.replace(/<[^>]*>/g, '').replace(/\s+/g, ' ')
  expect(text).toContain('GET /api/cart 500')
  expect(text).toContain('GET api.test/v1/x ENOTFOUND getaddrinfo ENOTFOUND api.test')
  expect(text).toContain(
    'order failed Error: no order, caused by fetch failed a=1 b=2 c=3 d=4 e=5 f=6 server.name=db id=JOB-7 method=GET elapsed_ms=1',
  )
})

test('a task is told by its goal, how it ended and what is unusual of it, and nothing of it is markup', () => {
  const rows: TreeRow[] = [
    {
      kind: 'span',
      depth: 0,
      at_ms: 0,
      service: 'web',
      component: 'app',
      name: 'order <b>',
      took_ms: 3,
      status: 'failed',
      error: { type: 'Error', message: 'no <i>stock' },
      inferred: true,
      task: { goal: 'order <b>', status: 'failed', missing: 2, not_sent: 1 },
    },
    {
      kind: 'span',
      depth: 1,
      at_ms: 1,
      service: 'web',
      name: 'import',
      took_ms: null,
      unfinished: true,
      task: { goal: 'import', done: 40, total: 100 },
    },
  ]
  const page = renderTrace({
    trace_id: '4bf92f3577b34da6a3ce929d0e0e4736',
    sentence: 'order → failed in 3.0 ms.',
    started_at: '2026-11-21T14:32:06.981Z',
    duration_ms: 3,
    outcome: 'error',
    services: ['web'],
    counts: { spans: 2, inferred: 1, logs: 0, errors: 1, recovered: 0 },
    skew: [],
    rows,
  })
  const text = page.replaceAll(/\s+/g, ' ').replaceAll(/<[^>]*>/g, '')
  expect(text).toMatch(/order &lt;b&gt; failed incomplete: 2 missing 1 not sent Error: no &lt;i&gt;stock/)
  expect(text).toMatch(/import unfinished, 40 of 100/)
  expect(text).not.toMatch(/no span was received|no end seen/)
})
