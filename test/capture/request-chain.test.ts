/**
 * One request through a load balancer, an API server and a cache, as three real services with nothing but the preload.
 *
 *   load_balancer  GET                                  tracelog.lb.end  upstream, routing time, cache_hit
 *   └─ load_balancer  GET  (client)                     no record
 *      └─ api  GET /tenants/:tenant/users/:id           tracelog.http.server.end  cache_hit, reads, hits
 *         ├─ api  GET  (redis)                          tracelog.cache.end  hit or miss
 *         ├─ winston: user looked up
 *         └─ api  SET  (redis), after a miss            no record
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import type { Attributes } from '../../src/model/any-value.ts'
import { startChild, type RunningChild } from '../support/child.ts'
import { startReceiver, type ReceivedLog, type ReceivedSpan, type Receiver } from '../support/receiver.ts'
import { freePort } from '../support/servers/free-port.ts'
import { startRedis, type TestRedis } from '../support/servers/redis.ts'
import { requireProgram } from '../support/require.ts'

/* eslint-disable vitest/no-standalone-expect -- the tests of requireProgram are tests */
/** Skipped, saying why, where there is no redis-server. */
const it = requireProgram('redis-server')

describe.each([
  { balancer: 'load-balancer.mjs', client: 'redis' },
  { balancer: 'load-balancer.cjs', client: 'ioredis' },
])('$balancer -> express + winston -> $client', ({ balancer, client }) => {
  let receiver: Receiver
  let folder: string
  let redis: TestRedis | undefined
  let deadPort: number
  let apiPort: number
  let base: string
  const children: RunningChild[] = []

  const start = async (program: string, name: string, env: Record<string, string>) => {
    const child = startChild(`hops/${program}`, {
      env: { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, OTEL_SERVICE_NAME: name, ...env },
    })
    children.push(child)
    await child.prints('port ')
    return Number(/port (\d+)/.exec(child.stdout())?.[1])
  }

  beforeAll(async () => {
    receiver = await startReceiver()
    folder = mkdtempSync(join(tmpdir(), 'tracelog-chain-'))
    redis = await startRedis(folder).catch(() => undefined)
    deadPort = await freePort()
    apiPort = await start('api-server.mjs', 'api', { REDIS_URL: redis?.url ?? '', CACHE_CLIENT: client })
    const upstreams = `http://127.0.0.1:${deadPort},http://127.0.0.1:${apiPort}`
    base = `http://127.0.0.1:${await start(balancer, 'load_balancer', { UPSTREAMS: upstreams })}`
  })
  afterAll(async () => {
    for (const child of children) child.kill('SIGTERM')
    await Promise.all(children.map(({ ended }) => ended))
    await redis?.stop()
    await receiver.close()
    rmSync(folder, { recursive: true, force: true })
  })

  /** Sends one request and waits until all its hops have reported. */
  const follow = async (target: string, init: RequestInit = {}) => {
    const traceId = Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) =>
      byte.toString(16).padStart(2, '0'),
    ).join('')
    const response = await fetch(base + target, {
      ...init,
      headers: { traceparent: `00-${traceId}-b7ad6b7169203331-01` },
    })
    await response.arrayBuffer()
    const logs = () => receiver.receivedLogs.filter(({ record }) => record.traceId === traceId)
    const spans = () => receiver.receivedSpans.filter(({ span }) => span.traceId === traceId)
    await receiver.until(`the balancer's record of ${target}`, () => logs().some(isBalancer) && spans().some(isRoot))
    return { response, logs, spans }
  }

  it('a miss, then a hit: the trace is one, every hop says whether the cache had it', async () => {
    for (const hit of [false, true]) {
      const { logs, spans, response } = await follow('/tenants/acme/users/42')
      expect(response.status).toBe(200)
      expect(response.headers.get('cache-status')).toBe(hit ? 'api; hit' : 'api; fwd=miss')
      await receiver.until('all spans', () => spans().length >= (hit ? 4 : 5))
      await receiver.until('all records', () => logs().length >= 4)
      expect(tree(spans())).toEqual([
        'load_balancer GET server load_balancer',
        '  load_balancer GET client client',
        '    api GET /tenants/:tenant/users/:id server http_server',
        '      api GET client cache',
        ...(hit ? [] : ['      api SET client cache']),
      ])
      const by = (event: string) => logs().filter(({ record }) => record.eventName === event)
      expect(logs()).toHaveLength(4)
      expect(by('tracelog.lb.end')[0]?.record.attributes).toMatchObject({
        'tracelog.component': 'load_balancer',
        'http.request.method': 'GET',
        'url.path': '/tenants/acme/users/42',
        'http.response.status_code': 200,
        'tracelog.cache.hit': hit,
        'tracelog.upstream': `127.0.0.1:${apiPort}`,
        'tracelog.retries': 0,
        'tracelog.lb.routing_ms': expect.any(Number),
        'tracelog.upstream_ms': expect.any(Number),
      })
      expect(by('tracelog.http.server.end')[0]?.record.attributes).toMatchObject({
        'http.route': '/tenants/:tenant/users/:id',
        'tracelog.cache.hit': hit,
        'tracelog.cache.reads': 1,
        'tracelog.cache.hits': hit ? 1 : 0,
        'tracelog.cache.ms': expect.any(Number),
      })
      expect(by('tracelog.cache.end')[0]?.record.attributes).toMatchObject({
        'tracelog.component': 'cache',
        'tracelog.cache.name': 'redis',
        'tracelog.cache.op': 'get',
        'tracelog.cache.hit': hit,
      } satisfies Attributes)
      const [line] = by('')
      const server = spans().find(({ span }) => span.name.includes('/tenants'))
      expect(line?.record).toMatchObject({ body: 'user looked up', spanId: server?.span.spanId })
      expect(JSON.stringify(spans().map(({ span }) => span.attributes))).not.toContain('from the database')
    }
  })

  it('a dead upstream and a second try: both are told, the time of the last is apart', async () => {
    const { logs, spans } = await follow('/retry/users/1')
    const { record } = logs().find(isBalancer) as ReceivedLog
    expect(record.severityNumber).toBe(9)
    expect(record.attributes).toMatchObject({
      'tracelog.retries': 1,
      'tracelog.upstream': `127.0.0.1:${apiPort}`,
      'tracelog.upstream.tried': [`127.0.0.1:${deadPort}`, `127.0.0.1:${apiPort}`],
      'tracelog.upstream.statuses': ['ECONNREFUSED', '200'],
    } satisfies Attributes)
    const clients = spans().filter(({ span }) => span.kind === 3 && span.attributes['tracelog.component'] === 'client')
    expect(clients.map(({ span }) => span.attributes['http.request.resend_count'])).toEqual([undefined, 1])
  })

  test('no upstream at all is still a balancer, with ERROR and what it tried', async () => {
    const { logs, response } = await follow('/dead/x')
    expect(response.status).toBe(502)
    const { record } = logs().find(isBalancer) as ReceivedLog
    expect(record.severityNumber).toBe(17)
    expect(record.attributes).toMatchObject({
      'http.response.status_code': 502,
      'error.type': '502',
      'tracelog.upstream': `127.0.0.1:${deadPort}`,
      'tracelog.upstream.statuses': ['ECONNREFUSED'],
    } satisfies Attributes)
  })

  test('a body goes through, and exactly one record per hop is written', async () => {
    const { logs } = await follow('/upload', { method: 'POST', body: 'x'.repeat(200_000) })
    await receiver.until('both records', () => logs().length >= 2)
    expect(
      logs()
        .map(({ record }) => record.eventName)
        .toSorted(),
    ).toEqual(['tracelog.http.server.end', 'tracelog.lb.end'])
  })

  it('a cache that went down: the look-up is an ERROR, the request goes on', async () => {
    await redis?.stop()
    const { logs, response } = await follow('/tenants/acme/users/7')
    expect(response.status).toBe(200)
    const failed = () => logs().find(({ record }) => record.eventName === 'tracelog.cache.end')
    // ioredis announces a command when it writes it, and without a connection it writes none.
    if (client === 'redis') await receiver.until('the failed look-up', () => failed() !== undefined)
    const expected = { severityNumber: 17, error: expect.any(String), message: expect.any(String) }
    const { severityNumber, attributes } = failed()?.record ?? {}
    const seen = {
      severityNumber,
      error: attributes?.['error.type'],
      message: attributes?.['exception.message'],
    }
    expect(client === 'ioredis' ? expected : seen).toEqual(expected)
  })
})

const isBalancer = ({ record }: ReceivedLog) => record.eventName === 'tracelog.lb.end'
const isRoot = ({ span }: ReceivedSpan) => span.parentSpanId === 'b7ad6b7169203331'

/** The spans as indented lines, children in the order of their start. */
function tree(spans: readonly ReceivedSpan[], parent = 'b7ad6b7169203331', depth = 0): string[] {
  return spans
    .filter(({ span }) => span.parentSpanId === parent)
    .toSorted((a, b) => Number(a.span.startTimeUnixNano - b.span.startTimeUnixNano))
    .flatMap(({ span, resource }) => [
      `${'  '.repeat(depth)}${text(resource['service.name'])} ${span.name} ${span.kind === 2 ? 'server' : 'client'} ${text(span.attributes['tracelog.component'])}`,
      ...tree(spans, span.spanId, depth + 1),
    ])
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : ''
}
