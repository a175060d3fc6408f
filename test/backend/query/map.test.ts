/**
 * The map over a real store equals that of a brute-force oracle that knows who called whom, while rolls happen.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import * as fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'

import { createQuery } from '../../../src/backend/query/create-query.ts'
import type { Query } from '../../../src/backend/query/query.ts'
import { createDuckdbStore } from '../../../src/backend/store/duckdb-store.ts'
import type { Store } from '../../../src/backend/store/store.ts'
import { SPAN_KIND } from '../../../src/model/span-record.ts'
import { parseTimestamp } from '../../../src/model/time.ts'
import { log, logsRequest, span, spansRequest } from '../../contract/store.contract.ts'
import { numbers } from '../support/numbers.ts'

const START = 1_790_000_000_000_000_000n
const MILLI = 1_000_000n
const SERVICES = ['web', 'cart', 'stock'] as const
const PEERS = [
  {
    attributes: { 'db.system.name': 'postgresql', 'server.address': 'db', 'server.port': 5432 },
    name: 'db:5432',
    component: 'database',
  },
  { attributes: { 'db.system.name': 'sqlite' }, name: 'sqlite', component: 'database' },
  { attributes: { 'tracelog.cache.name': 'redis', 'server.address': 'c' }, name: 'c', component: 'cache' },
  {
    attributes: { 'messaging.system': 'kafka', 'messaging.destination.name': 'orders', 'server.address': 'k' },
    name: 'orders',
    component: 'queue',
  },
  {
    attributes: { 'server.address': 'api.example', 'server.port': 443 },
    name: 'api.example:443',
    component: 'http_server',
  },
]

interface Served {
  readonly trace: number
  readonly service: string
  readonly ms: number
  readonly failed: boolean
}
interface Call {
  readonly trace: number
  readonly from: string
  readonly to: string
  readonly ms: number
  readonly failed: boolean
}

const draw = numbers(5)
const hex = (digits: number): string => `1${Array.from({ length: digits - 1 }, () => draw(16).toString(16)).join('')}`

let store: Store
let query: Query
let directory: string
let sequence = 0
const served: Served[] = []
const calls: Call[] = []
const silent = new Map<string, string>()
const beganAt: bigint[] = []

function appendSpan(service: string, fields: Parameters<typeof span>[0]): void {
  store.append(spansRequest(++sequence, [span(fields)], { attributes: { 'service.name': service } }))
}

/** A hop of a balancer that writes a line only, then services that call each other and peers that tell nothing. */
function appendTrace(trace: number): void {
  const traceId = hex(32)
  const at = START + BigInt(trace) * 10n * MILLI
  beganAt.push(at)
  let parent = ''
  let caller: Served | undefined
  if (draw(2) === 0) {
    parent = hex(16)
    caller = { trace, service: 'lb', ms: 1 + draw(50), failed: false }
    served.push(caller)
    const attributes = {
      'tracelog.response_time_ms': caller.ms,
      'tracelog.component': 'load_balancer',
      'tracelog.upstream': 'up:1',
    }
    const fields = { traceId, spanId: parent, timeUnixNano: at, eventName: 'tracelog.lb.end', attributes }
    store.append(logsRequest(++sequence, [log(fields)], { attributes: { 'service.name': 'lb' } }))
    if (draw(4) === 0) {
      calls.push({ trace, from: 'lb', to: 'up:1', ms: caller.ms, failed: false })
      silent.set('up:1', 'http_server')
      return
    }
  }
  for (let depth = 0; depth < 1 + draw(3); depth++) {
    const hop = { trace, service: SERVICES[draw(3)] as string, ms: 1 + draw(50), failed: draw(5) === 0 }
    const spanId = hex(16)
    served.push(hop)
    appendSpan(hop.service, {
      traceId,
      spanId,
      parentSpanId: parent,
      kind: SPAN_KIND.server,
      startTimeUnixNano: at,
      endTimeUnixNano: at + BigInt(hop.ms) * MILLI,
      statusCode: hop.failed ? 2 : 0,
      attributes: { 'tracelog.component': 'http_server' },
    })
    // The line of the same hop: it counts once.
    const end = { traceId, spanId, timeUnixNano: at, eventName: 'tracelog.http.server.end', body: hop.service }
    store.append(logsRequest(++sequence, [log(end)], { attributes: { 'service.name': hop.service } }))
    if (depth > 0 || caller !== undefined) addCall(trace, caller as Served, hop, depth === 0)
    caller = hop
    parent = appendCalls({ trace, hop, traceId, spanId, at })
  }
}

let lastCall = { ms: 0, failed: false }

function addCall(trace: number, from: Served, to: Served, isDirect: boolean): void {
  if (isDirect && from.service === to.service) return
  const own = { ms: to.ms, failed: to.failed }
  const { ms, failed } = isDirect ? own : { ms: lastCall.ms, failed: lastCall.failed || to.failed }
  calls.push({ trace, from: from.service, to: to.service, ms, failed })
}

interface Hop {
  readonly trace: number
  readonly hop: Served
  readonly traceId: string
  readonly spanId: string
  readonly at: bigint
}

/** Calls of peers that tell nothing, and the call that the next hop answers. @returns its id */
function appendCalls({ trace, hop, traceId, spanId, at }: Hop): string {
  for (let i = 0; i < draw(3); i++) {
    const peer = PEERS[draw(PEERS.length)]!
    const call = { ms: 1 + draw(30), failed: draw(4) === 0 }
    calls.push({ trace, from: hop.service, to: peer.name, ...call })
    silent.set(peer.name, peer.component)
    appendClient(hop, { traceId, spanId: hex(16), parentSpanId: spanId, attributes: peer.attributes }, at, call)
  }
  lastCall = { ms: 1 + draw(30), failed: draw(6) === 0 }
  const id = hex(16)
  appendClient(hop, { traceId, spanId: id, parentSpanId: spanId, attributes: {} }, at, lastCall)
  return id
}

function appendClient(hop: Served, ids: object, at: bigint, { ms, failed }: { ms: number; failed: boolean }): void {
  appendSpan(hop.service, {
    ...ids,
    kind: SPAN_KIND.client,
    startTimeUnixNano: at,
    endTimeUnixNano: at + BigInt(ms) * MILLI,
    statusCode: failed ? 2 : 0,
  })
}

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'tracelog-map-'))
  store = createDuckdbStore({ directory })
  await store.start()
  query = createQuery(store)
  for (let i = 0; i < 120; i++) {
    appendTrace(i)
    if (i % 50 === 49) await store.roll()
  }
})
afterAll(async () => {
  await store.stop()
  rmSync(directory, { recursive: true, force: true })
})

/** As quantile_disc has it. */
function quantile(values: readonly number[], share: number): number | null {
  const ascending = values.toSorted((a, b) => a - b)
  return ascending[Math.max(0, Math.ceil(share * ascending.length) - 1)] ?? null
}

function expected(traces: (trace: number) => boolean) {
  const hops = served.filter(({ trace }) => traces(trace))
  const made = calls.filter(({ trace }) => traces(trace))
  const told = Map.groupBy(hops, ({ service }) => service)
  const quiet = Map.groupBy(
    made.filter(({ to }) => silent.has(to)),
    ({ to }) => to,
  )
  const figures = (rows: readonly { ms: number; failed: boolean }[]) => ({
    requests: rows.length,
    errors: rows.filter(({ failed }) => failed).length,
    p95_ms: quantile(
      rows.map(({ ms }) => ms),
      0.95,
    ),
  })
  const nodes = [
    ...[...told].map(([service, rows]) => ({
      service,
      component: service === 'lb' ? 'load_balancer' : 'http_server',
      ...figures(rows),
      inferred: false,
    })),
    ...[...quiet].map(([service, rows]) => ({
      service,
      component: silent.get(service),
      ...figures(rows),
      inferred: true,
    })),
  ]
  const edges = [...Map.groupBy(made, ({ from, to }) => `${from} ${to}`).values()].map((rows) => ({
    from: rows[0]!.from,
    to: rows[0]!.to,
    calls: rows.length,
    errors: rows.filter(({ failed }) => failed).length,
    p50_ms: quantile(
      rows.map(({ ms }) => ms),
      0.5,
    ),
    p95_ms: quantile(
      rows.map(({ ms }) => ms),
      0.95,
    ),
  }))
  return { nodes: sorted(nodes), edges: sorted(edges) }
}

function sorted<T>(rows: readonly T[]): T[] {
  return rows.toSorted((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1))
}

test('the map has the calls that were made, with their times and errors, while rolls happen', async () => {
  const anyTime = fc.integer({ min: -5, max: 125 })
  await fc.assert(
    fc.asyncProperty(fc.option(anyTime), fc.option(anyTime), fc.boolean(), async (first, last, rolls) => {
      const nanos = (trace: number | null) => (trace === null ? undefined : START + BigInt(trace) * 10n * MILLI)
      const [sinceUnixNano, untilUnixNano] = [nanos(first), nanos(last)]
      const range = {
        ...(sinceUnixNano === undefined ? {} : { sinceUnixNano }),
        ...(untilUnixNano === undefined ? {} : { untilUnixNano }),
      }
      const [answer] = await Promise.all([
        query.map({ ...range, budgetMillis: 10_000 }),
        rolls ? store.roll() : undefined,
      ])
      expect(answer.complete).toBe(true)
      const wanted = expected((trace) => trace >= (first ?? 0) && trace < (last ?? 1_000))
      expect({ nodes: sorted(answer.nodes), edges: sorted(answer.edges) }).toEqual(wanted)
    }),
    { numRuns: 30 },
  )
})

test('a query leaves the traces of which something matches', async () => {
  const has = new Set(served.filter(({ service }) => service === 'stock').map(({ trace }) => trace))
  const answer = await query.map({ q: 'service:stock', budgetMillis: 10_000 })
  expect({ nodes: sorted(answer.nodes), edges: sorted(answer.edges) }).toEqual(expected((trace) => has.has(trace)))
})

test('without a budget the newest part is counted, and it is said of which time', async () => {
  const answer = await query.map({ budgetMillis: 0 })
  const from = parseTimestamp(answer.covered_from) as bigint
  const wanted = expected((trace) => (beganAt[trace] as bigint) >= from)
  expect({ nodes: sorted(answer.nodes), edges: sorted(answer.edges) }).toEqual(wanted)
  expect(parseTimestamp(answer.to)).toBeGreaterThan(from)
})

test('of nothing is empty', async () => {
  expect(await query.map({ untilUnixNano: 1n })).toMatchObject({ nodes: [], edges: [], complete: true })
})
