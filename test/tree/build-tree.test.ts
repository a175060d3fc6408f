import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { buildRequests, buildTree } from '../../src/tree/build-tree.ts'
import type { TreeRow } from '../../src/model/api.ts'
import type { TraceLog, TraceSpan } from '../../src/tree/trace-data.ts'
import { drawn, log, span, trace } from './trace-builder.ts'

const GET = { 'http.request.method': 'GET', 'url.path': '/api/cart' }
const lb = span({
  id: 'lb',
  service: 'lb',
  from: 0,
  to: 41.2,
  attributes: { ...GET, 'http.response.status_code': 500 },
  name: 'GET',
  failed: true,
})
const call = span({
  id: 'call',
  parent: 'lb',
  service: 'lb',
  kind: 'client',
  from: 0.32,
  to: 41,
  attributes: { ...GET, 'http.response.status_code': 500 },
  failed: true,
})
const web = span({
  id: 'web',
  parent: 'call',
  service: 'web',
  from: 3.4,
  to: 41,
  attributes: { ...GET, 'http.response.status_code': 500 },
  name: 'GET /api/cart',
  failed: true,
})
const look = span({
  id: 'look',
  parent: 'web',
  service: 'web',
  kind: 'client',
  from: 3.7,
  to: 12.5,
  attributes: { 'tracelog.cache.name': 'cache', 'tracelog.cache.op': 'get', 'tracelog.cache.hit': false },
  name: 'GET',
})
const picked = log({ span: 'lb', service: 'lb', at: 0.31, body: 'picked backend', attributes: { pool: 'blue' } })
const lookup = log({ span: 'web', at: 3.69, body: 'cart lookup', severity: 5, attributes: { user: 42 } })
const missed = log({
  span: 'look',
  at: 12.5,
  event: 'tracelog.cache.end',
  attributes: {
    'tracelog.cache.name': 'cache',
    'tracelog.cache.op': 'get',
    'tracelog.cache.hit': false,
    'tracelog.response_time_ms': 8.8,
    'tracelog.component': 'cache',
  },
})
const thrown = log({
  span: 'web',
  at: 12.53,
  body: 'failed',
  severity: 17,
  attributes: {
    'exception.type': 'TypeError',
    'exception.message': 'cart is undefined',
    'exception.stacktrace': 'TypeError: cart is undefined\n    at x',
  },
})
const webEnd = log({
  span: 'web',
  at: 41,
  event: 'tracelog.http.server.end',
  severity: 17,
  attributes: {
    ...GET,
    'http.response.status_code': 500,
    'tracelog.response_time_ms': 37.6,
    'tracelog.cache.hit': false,
    'tracelog.component': 'http_server',
    'error.type': '500',
  },
})
const lbEnd = log({
  span: 'lb',
  service: 'lb',
  at: 41.2,
  event: 'tracelog.lb.end',
  severity: 17,
  attributes: {
    ...GET,
    'http.response.status_code': 500,
    'tracelog.response_time_ms': 41.2,
    'tracelog.upstream': '127.0.0.1:3001',
    'tracelog.lb.routing_ms': 0.29,
    'tracelog.component': 'load_balancer',
    'error.type': '500',
  },
})
const ALL = [lb, call, web, look, picked, lookup, missed, thrown, webEnd, lbEnd]

describe('a request through load balancer, server and cache', () => {
  const tree = buildTree(trace(...ALL))!

  test('reads from the first hop to the last, each line where it was written', () => {
    expect(drawn(tree)).toEqual([
      'lb: GET 500',
      '  lb: I picked backend',
      '  lb: 3.1 ms between lb and web (clocks agree within 1.5 ms)',
      '  web: GET /api/cart 500',
      '    web: D cart lookup',
      '    cache: GET (inferred)',
      '    web: E failed',
    ])
  })

  test('has a sentence with the cause', () => {
    expect(tree.sentence).toBe(
      'GET /api/cart → 500 in 41.2 ms: TypeError: cart is undefined in web, 12.5 ms into the request.',
    )
    expect(tree).toMatchObject({ outcome: 'error', duration_ms: 41.2, services: ['lb', 'web', 'cache'] })
    expect(tree.counts).toEqual({ spans: 4, inferred: 1, logs: 3, errors: 1, recovered: 0 })
  })

  test("each hop's completion record is folded into its row, under the flat line's keys", () => {
    const row = (component: string) => tree.rows.find((one) => one.component === component)
    expect(row('load_balancer')?.fields).toMatchObject({
      method: 'GET',
      path: '/api/cart',
      status: 500,
      response_time_ms: 41.2,
      upstream: '127.0.0.1:3001',
      lb_routing_ms: 0.29,
    })
    expect(row('http_server')).toMatchObject({
      took_ms: 37.6,
      self_ms: 28.8,
      fields: { status: 500, response_time_ms: 37.6, cache_hit: false },
    })
    expect(row('cache')?.fields).toMatchObject({
      cache_name: 'cache',
      cache_op: 'get',
      response_time_ms: 8.8,
      cache_hit: false,
    })
  })

  test('the error keeps its type, message and stack', () => {
    expect(tree.rows.find(({ message }) => message === 'failed')?.error).toEqual({
      type: 'TypeError',
      message: 'cart is undefined',
      stack: 'TypeError: cart is undefined\n    at x',
    })
  })
})

test('a line whose time was cut to the millisecond does not come before its span', () => {
  const late = span({ id: 'web', from: 0.4, to: 5, attributes: GET, name: 'GET /api/cart' })
  const tree = buildTree(trace(late, log({ span: 'web', at: 0, body: 'cut' })))!
  expect(tree.rows.map(({ at_ms: at, message }) => [at, message])).toEqual([
    [0, undefined],
    [0, 'cut'],
  ])
})

test('a line older than its span is the first happening of the trace', () => {
  const tree = buildTree(trace(span({ id: 'web', from: 4, to: 5 }), log({ span: 'web', at: 0, body: 'before' })))!
  expect(tree.rows.map(({ at_ms: at }) => at)).toEqual([4, 0])
})

describe('what was not received', () => {
  test('a service that sent only logs has its row, marked', () => {
    const tree = buildTree(trace(lb, call, lbEnd, lookup, thrown, webEnd))
    expect(drawn(tree)).toEqual([
      'lb: GET 500',
      '  lb: 3.1 ms between lb and web (clocks agree within 1.5 ms)',
      '  web: GET /api/cart 500 (inferred)',
      '    web: D cart lookup',
      '    web: E failed',
    ])
  })

  test('a request that is still running has its row, without an end', () => {
    const tree = buildTree(trace(lookup, look, missed))
    expect(drawn(tree)).toEqual([
      'web: span not received (inferred, unfinished)',
      '  web: D cart lookup',
      '  cache: GET (inferred)',
    ])
    expect(tree).toMatchObject({ outcome: 'running', duration_ms: null })
  })

  test('a look-up whose span was not sent has its row below who asked', () => {
    const inServer = log({
      span: 'web',
      at: 5,
      event: 'tracelog.cache.end',
      attributes: {
        'tracelog.cache.name': 'lru',
        'tracelog.cache.op': 'get',
        'tracelog.cache.hit': true,
        'tracelog.response_time_ms': 0.1,
        'tracelog.component': 'cache',
      },
    })
    expect(drawn(buildTree(trace(web, inServer)))).toEqual(['web: GET /api/cart 500', '  lru: get (inferred)'])
  })

  test('a caller that never reports is no row: its callee is the root', () => {
    expect(drawn(buildTree(trace(web)))).toEqual(['web: GET /api/cart 500'])
  })

  test('nothing at all is no tree', () => {
    expect(buildTree(trace())).toBeUndefined()
  })

  test('records without a span stand alone', () => {
    const tree = buildTree(trace(log({ at: 2, body: 'b' }), log({ at: 1, body: 'a' })))
    expect(drawn(tree)).toEqual(['web: I a', 'web: I b'])
  })
})

describe('clocks', () => {
  test('an access line has whole milliseconds: no clock is ahead because of that, and it begins no later than what it called', () => {
    // In truth from 0.4 to 12.9; the line says that it took 12 and ended at 12.
    const line = log({
      span: 'lb',
      service: 'nginx',
      at: 12,
      event: 'tracelog.lb.end',
      attributes: { ...GET, 'tracelog.response_time_ms': 11, 'tracelog.component': 'load_balancer' },
    })
    const tree = buildTree(trace(line, span({ id: 'web', parent: 'lb', from: 0.6, to: 12.7 })))!
    expect(drawn(tree)).toEqual(['nginx: GET /api/cart (inferred)', '  web: web'])
    expect(tree.rows.map(({ at_ms: millis }) => millis)).toEqual([0, 0])
    // Further apart than milliseconds explain.
    const ahead = buildTree(trace(line, span({ id: 'web', parent: 'lb', from: 9.6, to: 19.7 })))!
    expect(ahead.rows.map(({ at_ms: millis }) => millis)).not.toEqual([0, 8.6])
  })

  test.each([
    { from: 8.6, to: 44.6, what: 'it began late too' },
    { from: 3.4, to: 49, what: 'by more than its caller waited for its beginning' },
  ])('nor because a server tells its end when its caller has the answer already: $what', ({ from, to }) => {
    const late = span({ id: 'web', parent: 'call', service: 'web', from, to, attributes: GET, name: 'GET /api/cart' })
    const tree = buildTree(trace(lb, call, late))!
    expect(tree.skew.filter(({ ahead_ms: ahead, bound_ms: bound }) => Math.abs(ahead) > bound)).toEqual([])
    const row = tree.rows.find(({ service, kind }) => service === 'web' && kind === 'span')!
    expect(row.at_ms).toBeCloseTo(from)
  })

  test.each([
    { hosts: ['h', 'h'], ahead: [] },
    { hosts: ['h', 'i'], ahead: ['web'] },
  ])('on one host nor however late it tells its end: $hosts', ({ hosts: [one, other], ahead }) => {
    const tree = buildTree(
      trace(
        span({ id: 'call', service: 'lb', kind: 'client', from: 0, to: 20, host: one! }),
        span({ id: 'web', parent: 'call', from: 12, to: 29, host: other! }),
      ),
    )!
    const known = tree.skew.filter(({ ahead_ms: by, bound_ms: bound }) => Math.abs(by) > bound)
    expect(known.map(({ to }) => to)).toEqual(ahead)
    expect(tree.rows.at(-1)!.at_ms === 12).toBe(ahead.length === 0)
  })

  test('nor is one ahead because of the span that was made of such a line', () => {
    const line = log({ span: 'lb', service: 'nginx', at: 12, event: 'tracelog.lb.end', attributes: GET })
    const made = span({ id: 'lb', service: 'nginx', from: 1, to: 12, attributes: GET, name: 'GET' })
    const tree = buildTree(trace(made, line, span({ id: 'web', parent: 'lb', from: 0.6, to: 12.7 })))!
    expect(tree.skew.filter(({ ahead_ms: ahead, bound_ms: bound }) => Math.abs(ahead) > bound)).toEqual([])
    expect(tree.rows.map(({ at_ms: millis }) => millis)).toEqual([0, 0])
  })

  test('a callee that seems to begin before its caller is moved, and that is shown', () => {
    const early = span({
      id: 'web',
      parent: 'call',
      service: 'web',
      from: -996.6,
      to: -959,
      attributes: GET,
      name: 'GET /api/cart',
    })
    const tree = buildTree(trace(lb, call, early))!
    expect(tree.skew).toEqual([{ from: 'lb', to: 'web', ahead_ms: -998.46, bound_ms: 1.54 }])
    // The rows say by how much they were moved, so that the sender's own time can be shown.
    const moved = tree.rows.filter(({ ahead_ms: by }) => by !== undefined)
    expect(moved.map(({ service, ahead_ms: by }) => [service, by])).toContainEqual(['web', -998.46])
    expect(moved.filter(({ service }) => service === 'lb')).toEqual([])
    const row = tree.rows.find(({ service, kind }) => service === 'web' && kind === 'span')!
    expect(row.at_ms).toBeGreaterThan(0.3)
    expect(row.at_ms + row.took_ms!).toBeLessThan(41)
  })
})

describe('whatever is lost of a trace', () => {
  const shuffled = fc.shuffledSubarray(ALL, { minLength: 1 })

  test('each record that is left is in the tree once, each span too, each row deeper by one at most', () => {
    fc.assert(
      fc.property(shuffled, (parts: (TraceLog | TraceSpan)[]) => {
        const data = trace(...parts)
        const tree = buildTree(data)!
        const ends = new Set(['tracelog.http.server.end', 'tracelog.lb.end', 'tracelog.cache.end'])
        const lines = data.logs
          .filter(({ record }) => !ends.has(record.eventName))
          .map(({ record }) => record.body as string)
        expect(
          tree.rows
            .filter(({ kind }) => kind === 'log')
            .map(({ message }) => String(message))
            .toSorted(),
        ).toEqual(lines.toSorted())
        for (const { span: one } of data.spans)
          expect(
            tree.rows.filter(({ span_id, kind }) => kind !== 'log' && span_id === one.spanId).length,
          ).toBeGreaterThanOrEqual(1)
        tree.rows.forEach(({ depth, at_ms }, i) => {
          expect(depth).toBeLessThanOrEqual((tree.rows[i - 1]?.depth ?? -1) + 1)
          expect(at_ms).toBeGreaterThanOrEqual(0)
        })
        expect(tree.counts.logs).toBe(lines.length)
      }),
      { numRuns: 500 },
    )
  })

  test('parents in a circle are cut', () => {
    const a = span({ id: 'a', parent: 'b', kind: 'internal', from: 0, to: 9 })
    const b = span({ id: 'b', parent: 'a', kind: 'internal', from: 1, to: 8 })
    expect(buildTree(trace(a, b))?.rows).toHaveLength(2)
  })

  test('a trace of 500 spans inside each other and 5,000 lines has all of them', () => {
    const lines = Array.from({ length: 5_000 }, (_, i) => log({ span: `s${i % 500}`, at: i / 100, body: `line ${i}` }))
    const spans = Array.from({ length: 500 }, (_, i) =>
      span({ id: `s${i}`, parent: i === 0 ? '' : `s${i - 1}`, kind: 'internal', from: 0, to: 60 }),
    )
    expect(buildTree(trace(...lines, ...spans))?.rows).toHaveLength(5_500)
  })
})

describe('root requests', () => {
  test('a trace with one gives one row', () => {
    expect(buildRequests(trace(...ALL))).toMatchObject([
      {
        method: 'GET',
        path: '/api/cart',
        status: 500,
        outcome: 'error',
        error_type: 'TypeError',
        error_message: 'cart is undefined',
        duration_ms: 41.2,
        services: ['lb', 'web', 'cache'],
      },
    ])
  })

  test('a trace with two callers that nobody reported gives two', () => {
    const one = span({
      id: 'one',
      parent: 'ext',
      from: 0,
      to: 5,
      attributes: { ...GET, 'http.response.status_code': 404 },
    })
    const two = span({
      id: 'two',
      parent: 'ext',
      from: 6,
      to: 9,
      attributes: { ...GET, 'http.response.status_code': 200 },
    })
    expect(buildRequests(trace(one, two)).map(({ outcome, duration_ms }) => [outcome, duration_ms])).toEqual([
      ['client_error', 5],
      ['ok', 3],
    ])
  })

  test('a request that still runs is known from its lines, or its look-ups', () => {
    const running = { outcome: 'running', duration_ms: null, path: 'a request', services: ['web'] }
    expect(buildRequests(trace(lookup))).toMatchObject([running])
    // Spans within it that are open too make no requests of their own.
    expect(buildRequests(trace(lookup, log({ span: 'inner', at: 5, body: 'x' })))).toMatchObject([running])
    expect(buildRequests(trace(missed))).toMatchObject([{ outcome: 'running' }])
    // Once its span is there it is a request that has ended, or no request at all.
    expect(buildRequests(trace(lookup, web))).toMatchObject([{ outcome: 'error', span_id: web.span.spanId }])
    expect(buildRequests(trace(lookup, span({ id: 'web', kind: 'internal', from: 0, to: 9 })))).toEqual([])
  })

  test('a line of a sender that tells no ends is no request', () => {
    const foreign = { ...lookup, record: { ...lookup.record, attributes: {} } }
    expect(buildRequests(trace(foreign))).toEqual([])
  })

  test('a request that a script of ours sent is one too, and the trace is about it', () => {
    const script = span({ id: 'script', service: 'script', kind: 'client', from: 0, to: 9, attributes: GET })
    const served = span({
      id: 'served',
      parent: 'script',
      from: 2,
      to: 8,
      attributes: { ...GET, 'http.response.status_code': 500 },
      failed: true,
    })
    const line = log({
      span: 'served',
      at: 5,
      severity: 17,
      body: 'x',
      attributes: { 'exception.type': 'Error', 'exception.message': 'boom' },
    })
    const parts = trace(script, served, line)
    expect(buildRequests(parts)).toMatchObject([{ status: 500, outcome: 'error', duration_ms: 6, services: ['web'] }])
    expect(buildTree(parts)).toMatchObject({
      outcome: 'error',
      sentence: 'GET /api/cart → 500 in 6.0 ms: Error: boom in web, 3.0 ms into the request.',
    })
  })
})

describe('what a person reads of it', () => {
  const root = span({ id: 'root', from: 0, to: 100, attributes: GET, name: 'GET' })
  const called = (id: string, from: number, to: number): TraceSpan =>
    span({ id, parent: 'root', kind: 'client', from, to, attributes: { 'http.request.method': 'GET' }, name: 'GET' })

  test('siblings are in the order of the times that are shown', () => {
    const tree = buildTree(
      trace(
        root,
        called('one', 10, 60),
        called('two', 11, 61),
        called('three', 12, 62),
        span({ id: 'late', parent: 'one', service: 'a', from: 52.7, to: 59 }),
        span({ id: 'mid', parent: 'two', service: 'b', from: 40, to: 58 }),
        span({ id: 'soon', parent: 'three', service: 'c', from: 38.1, to: 57 }),
      ),
    )!
    const times = tree.rows.filter(({ kind, depth }) => kind !== 'gap' && depth === 1).map(({ at_ms: at }) => at)
    expect(times).toEqual([38.1, 40, 52.7])
  })

  test('a hop takes as long as its completion record says, and began that long before its end', () => {
    const end = log({
      span: 'root',
      at: 100,
      event: 'tracelog.http.server.end',
      attributes: { ...GET, 'http.response.status_code': 200, 'tracelog.response_time_ms': 107.4 },
    })
    const tree = buildTree(trace(root, end))!
    expect(tree).toMatchObject({ duration_ms: 107.4, rows: [{ took_ms: 107.4 }], counts: { logs: 0 } })
    expect(tree.sentence).toBe('GET /api/cart → 200 in 107.4 ms.')
  })

  test('a duration that another sender measured is its own affair', () => {
    const end = log({
      span: 'root',
      service: 'lb',
      at: 100,
      event: 'tracelog.lb.end',
      attributes: { 'tracelog.response_time_ms': 50 },
    })
    expect(buildTree(trace(root, end))?.duration_ms).toBe(100)
  })

  test.each([
    { hosts: ['h', 'h'], said: '3.4 ms between lb and web' },
    { hosts: ['h', 'i'], said: /clocks agree within/ },
    { hosts: [undefined, undefined], said: /clocks agree within/ },
  ])('nothing is said of the clocks of one host: $hosts', ({ hosts: [one, other], said }) => {
    const on = (host: string | undefined) => (host === undefined ? {} : { host })
    const tree = buildTree(
      trace(
        span({ id: 'lb', service: 'lb', from: 0, to: 41, ...on(one) }),
        span({ id: 'call', parent: 'lb', service: 'lb', kind: 'client', from: 0, to: 41, ...on(one) }),
        span({ id: 'web', parent: 'call', from: 3.4, to: 40, ...on(other) }),
      ),
    )!
    expect(tree.rows.find(({ kind }) => kind === 'gap')?.message).toMatch(said)
    expect(tree.skew.length).toBe(one === undefined || one !== other ? 1 : 0)
  })

  test('an error is told with what caused it', () => {
    const failed = log({
      span: 'root',
      at: 5,
      body: 'order failed',
      severity: 17,
      attributes: {
        'exception.type': 'Error',
        'exception.message': 'cannot place the order',
        'exception.cause': {
          type: 'TypeError',
          message: 'fetch failed',
          cause: { type: 'Error', message: 'getaddrinfo ENOTFOUND api.test', code: 'ENOTFOUND' },
        },
      },
    })
    const tree = buildTree(
      trace(span({ id: 'root', from: 0, to: 100, attributes: { ...GET, 'http.response.status_code': 500 } }), failed),
    )!
    expect(tree.rows[1]?.error?.causes).toEqual(['TypeError: fetch failed', 'getaddrinfo ENOTFOUND api.test'])
    expect(tree.sentence).toContain(
      'Error: cannot place the order, caused by TypeError: fetch failed, caused by getaddrinfo ENOTFOUND api.test in web',
    )
  })
})

test.each([
  // [client, server, rows]: as with HTTP, a call that its callee answers is the gap before it.
  [0, 0, ['gap', 'server shop.Cart/Add OK']],
  [5, 5, ['gap', 'server shop.Cart/Add NOT_FOUND']],
  [4, 0, ['client shop.Cart/Add DEADLINE_EXCEEDED', 'gap', 'server shop.Cart/Add OK']],
  [14, undefined, ['client shop.Cart/Add UNAVAILABLE']],
])('a gRPC call that ended with %j, answered with %j, is told by its status', (called, served, expected) => {
  const rpc = (code: number) => ({ 'rpc.service': 'shop.Cart', 'rpc.method': 'Add', 'rpc.grpc.status_code': code })
  const name = 'shop.Cart/Add'
  const callee = (code: number) =>
    span({ id: 's', parent: 'c', service: 'cart', name, from: 3, to: 7, attributes: rpc(code) })
  const tree = buildTree(
    trace(
      span({ id: 'w', name: 'GET', from: 0, to: 10 }),
      span({ id: 'c', parent: 'w', kind: 'client', name, from: 2, to: 8, failed: called > 0, attributes: rpc(called) }),
      ...(served === undefined ? [] : [callee(served)]),
    ),
  )
  const words = ({ kind, component, status = '' }: TreeRow) =>
    kind === 'gap' ? kind : `${component === 'client' ? 'client' : 'server'} ${name} ${status}`
  expect(tree?.rows.slice(1).map(words)).toEqual(expected)
})
