/**
 * A real load balancer before an instrumented application, a real Collector behind both: one trace, the proxy's hop in it.
 *
 *   (test)
 *     nginx, HAProxy     record tracelog.lb.end; of nginx a SERVER span too
 *       shop             SERVER span, its parent the proxy's span id; record tracelog.http.server.end
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterAll, beforeAll, describe, expect, vi } from 'vitest'

import type { LogRecord } from '../../../src/model/log-record.ts'
import type { SpanRecord } from '../../../src/model/span-record.ts'
import { startChild } from '../../support/child.ts'
import { slack } from '../../support/machine.ts'
import { hasProgram, requireThat } from '../../support/require.ts'
import { freePorts } from '../../support/servers/free-port.ts'
import { startHaproxy } from '../../support/servers/haproxy.ts'
import { startNginx } from '../../support/servers/nginx.ts'
import { startOtelcol } from '../../support/servers/otelcol.ts'
import { findServer } from '../../support/servers/program.ts'
import { recordsOf, spansOf } from './hop-records.ts'

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736'
const CLIENT_SPAN = '00f067aa0ba902b7'
const TRACEPARENT = `00-${TRACE}-${CLIENT_SPAN}-01`
const BALANCERS = ['nginx', 'haproxy'] as const

const isThere = findServer('otelcol') !== undefined && hasProgram('nginx') && hasProgram('haproxy')
const withAll = requireThat(
  isThere,
  'needs otelcol, nginx and haproxy; to get them: node .ci/servers.mjs otelcol, apt-get install -y nginx haproxy',
)

const folder = mkdtempSync(join(tmpdir(), 'tracelog-hops-'))
const aggregateFile = join(folder, 'logs.jsonl')
const tracesFile = join(folder, 'traces.jsonl')
const urls: Record<string, string> = {}
const ends: (() => Promise<unknown>)[] = []

beforeAll(async () => {
  if (!isThere) return
  const [shopPort, deadPort, syslogPort, batchedPort] = (await freePorts(4)).map(String)
  const collector = await startOtelcol({
    configs: ['standalone.yaml', 'receivers/nginx.yaml', 'receivers/nginx-spans.yaml', 'receivers/haproxy.yaml', OUT],
    folder: join(folder, 'otelcol'),
    env: {
      TRACELOG_AGGREGATE: aggregateFile,
      TRACELOG_TRACES: tracesFile,
      TRACELOG_NGINX_LOG: join(folder, '*nginx/tracelog.json'),
      TRACELOG_NGINX_SPANS: join(folder, '*nginx/tracelog-spans.json'),
      TRACELOG_HAPROXY_LISTEN: `127.0.0.1:${syslogPort}`,
      TRACELOG_BATCHED: `127.0.0.1:${batchedPort}`,
      OTEL_RESOURCE_ATTRIBUTES: 'service.namespace=test',
    },
  })
  const shop = startChild('load-balancers/shop.mjs', {
    env: { PORT: shopPort, OTEL_SERVICE_NAME: 'shop', OTEL_EXPORTER_OTLP_ENDPOINT: collector.httpUrl },
  })
  await shop.prints('listening')
  const [alive, dead] = [`127.0.0.1:${shopPort}`, `127.0.0.1:${deadPort}`]
  const syslog = `127.0.0.1:${syslogPort}`
  const started = await Promise.all([
    startNginx({ folder: join(folder, 'nginx'), upstreams: [alive, dead] }),
    startNginx({ folder: join(folder, 'untrusting-nginx'), upstreams: [alive], isTrusting: false }),
    startNginx({ folder: join(folder, 'dead-nginx'), upstreams: [dead, dead] }),
    startHaproxy({ upstreams: [alive, dead], syslog }),
    startHaproxy({ upstreams: [alive, alive], syslog, trusted: '10.0.0.0/8 192.168.0.0/16' }),
    startHaproxy({ upstreams: [dead, dead], syslog }),
  ])
  const names = ['nginx', 'untrusting nginx', 'dead nginx', 'haproxy', 'untrusting haproxy', 'dead haproxy']
  for (const [at, name] of names.entries()) urls[name] = started[at]!.url
  ends.push(
    ...started.map((server) => () => server.stop()),
    async () => {
      shop.kill('SIGTERM')
      await shop.ended
    },
    () => collector.stop(),
  )
})

afterAll(async () => {
  for (const end of ends) await end()
  rmSync(folder, { recursive: true, force: true })
})

const OUT = join(import.meta.dirname, 'aggregate.yaml')

describe.each(BALANCERS)('%s', (balancer) => {
  withAll('adopts the trace of a client, and is the parent of the server', async () => {
    const path = `/adopted/by-${balancer}`
    const headers = await get(balancer, `${path}?x=1`, { traceparent: TRACEPARENT, tracestate: 'a=1', baggage: 'b=2' })
    const hop = await recordOf('tracelog.lb.end', path)
    expect(headers).toMatchObject({ traceparent: `00-${TRACE}-${hop.spanId}-01`, tracestate: 'a=1', baggage: 'b=2' })
    expect(hop).toMatchObject({
      traceId: TRACE,
      traceFlags: 1,
      body: `GET ${path} 200`,
      attributes: { 'tracelog.parent_span_id': CLIENT_SPAN, 'url.query': 'x=1', 'http.response.status_code': 200 },
    })

    const server = await recordOf('tracelog.http.server.end', path)
    expect(server.traceId).toBe(TRACE)
    const span = await spanOf('shop', path)
    expect(span).toMatchObject({ traceId: TRACE, spanId: server.spanId, parentSpanId: hop.spanId })
    // The same clock wrote both; a proxy looks at it once per turn, the server's end is when its response is closed.
    expect(Math.abs(Number(hop.timeUnixNano - span.endTimeUnixNano)) / 1e6).toBeLessThan(slack(500))
  })

  withAll('begins a trace, sampled, where the client has none', async () => {
    const path = `/begun/by-${balancer}`
    const headers = await get(balancer, path, { tracestate: 'a=1' })
    const hop = await recordOf('tracelog.lb.end', path)
    expect(headers['traceparent']).toBe(`00-${hop.traceId}-${hop.spanId}-03`)
    expect(headers).not.toHaveProperty('tracestate')
    expect(hop.attributes).not.toHaveProperty('tracelog.parent_span_id')
    expect(await spanOf('shop', path)).toMatchObject({ traceId: hop.traceId, parentSpanId: hop.spanId })
  })

  withAll('ignores a traceparent that is none', async () => {
    const wrong = [
      `00-${'0'.repeat(32)}-${CLIENT_SPAN}-01`,
      `00-${TRACE}-${'0'.repeat(16)}-01`,
      `ff-${TRACE}-${CLIENT_SPAN}-01`,
      `00-${TRACE}-${CLIENT_SPAN}-01-more`,
      `00-${TRACE.toUpperCase()}-${CLIENT_SPAN}-01`,
      `00-${TRACE}-${CLIENT_SPAN}`,
      `00-${TRACE}-${CLIENT_SPAN}-01, 00-${TRACE}-${CLIENT_SPAN}-01`,
      'nonsense',
    ]
    for (const [at, traceparent] of wrong.entries()) {
      const path = `/wrong/${at}/${balancer}`
      const headers = await get(balancer, path, { traceparent })
      expect.soft(headers['traceparent'], traceparent).toMatch(/^00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-03$/)
      expect.soft(headers['traceparent'], traceparent).not.toContain(TRACE)
    }
    const later = await get(balancer, `/later/${balancer}`, { traceparent: `cc-${TRACE}-${CLIENT_SPAN}-01-more` })
    expect(later['traceparent']).toMatch(new RegExp(`^00-${TRACE}-[0-9a-f]{16}-01$`))
  })

  withAll('begins a trace of its own where the client is not trusted, and keeps what it said', async () => {
    const path = `/untrusted/by-${balancer}`
    const headers = await get(`untrusting ${balancer}`, path, {
      traceparent: TRACEPARENT,
      tracestate: 'a=1',
      baggage: 'b=2',
    })
    const hop = await recordOf('tracelog.lb.end', path)
    expect(hop.traceId).not.toBe(TRACE)
    expect(hop.attributes).toMatchObject({ 'tracelog.client_traceparent': TRACEPARENT })
    expect(headers['traceparent']).toBe(`00-${hop.traceId}-${hop.spanId}-03`)
    expect(headers).not.toHaveProperty('tracestate')
    expect(headers).not.toHaveProperty('baggage')
  })

  withAll('asks another server when one is away', async () => {
    // Round robin: of two in a row one goes to the server that is away first.
    const paths = [`/retried/1/${balancer}`, `/retried/2/${balancer}`]
    for (const path of paths) await get(balancer, path)
    const hops = await Promise.all(paths.map((path) => recordOf('tracelog.lb.end', path)))
    const retried = hops.filter(({ attributes }) => attributes['tracelog.retries'] !== 0)
    // HAProxy's next turn begins after the server that answered: it may be the dead one's again.
    expect(retried.length).toBeGreaterThanOrEqual(1)
    expect(retried[0]?.attributes['http.response.status_code']).toBe(200)
    expect(retried[0]?.attributes['tracelog.upstream']).toBe(hops[0]?.attributes['tracelog.upstream'])
    if (balancer === 'nginx') expect(retried[0]?.attributes['tracelog.upstream.statuses']).toEqual(['502', '200'])
  })

  withAll('tells an upstream that is down, and one that fails', async () => {
    const down = `/down/${balancer}`
    await get(`dead ${balancer}`, down)
    const noUpstream = await recordOf('tracelog.lb.end', down)
    const status = balancer === 'nginx' ? 502 : 503
    expect(noUpstream).toMatchObject({
      severityText: 'ERROR',
      attributes: { 'http.response.status_code': status, 'error.type': String(status) },
    })
    expect(noUpstream.attributes['tracelog.retries']).toBe(balancer === 'nginx' ? 1 : 3)

    // No other server to ask, or none that answers otherwise.
    await get(`untrusting ${balancer}`, '/fail', { 'user-agent': `fail-${balancer}` })
    const failed = await recordWith({
      'user_agent.original': `fail-${balancer}`,
      'tracelog.component': 'load_balancer',
    })
    expect(failed).toMatchObject({ severityText: 'ERROR', attributes: { 'error.type': '503' } })
  })

  withAll('tells a client that went away, and a cache that had the answer', async () => {
    await leave(balancer, '/slow', `gone-${balancer}`)
    const gone = await recordWith({ 'user_agent.original': `gone-${balancer}`, 'tracelog.component': 'load_balancer' })
    expect(gone).toMatchObject({ severityText: 'WARN', attributes: { 'tracelog.aborted': true } })

    await get(balancer, '/cached', { 'user-agent': `cached-${balancer}` })
    const cached = await recordWith({
      'user_agent.original': `cached-${balancer}`,
      'tracelog.component': 'load_balancer',
    })
    expect(cached.attributes).toMatchObject({ 'tracelog.cache.hit': true, 'tracelog.component': 'load_balancer' })
  })
})

withAll('nginx has a span of its own, of sampled requests only', async () => {
  await get('nginx', '/unsampled', { traceparent: `00-${TRACE}-${CLIENT_SPAN}-00` })
  await get('nginx', '/with/span?x=1')
  const hop = await recordOf('tracelog.lb.end', '/with/span')
  const { startTimeUnixNano, ...span } = await spanOf('nginx', '/with/span')
  expect(span).toMatchObject({
    traceId: hop.traceId,
    spanId: hop.spanId,
    parentSpanId: '',
    name: 'GET',
    kind: 2,
    endTimeUnixNano: hop.timeUnixNano,
  })
  expect(hop.timeUnixNano - startTimeUnixNano).toBe(
    BigInt(Number(hop.attributes['tracelog.response_time_ms'])) * 1_000_000n,
  )
  const shared = Object.entries(hop.attributes).filter(([key]) => key in span.attributes)
  expect(span.attributes).toEqual(Object.fromEntries(shared))
  expect((await recordOf('tracelog.lb.end', '/unsampled')).traceFlags).toBe(0)
  expect(spansOf(tracesFile).filter(({ span: { attributes } }) => attributes['url.path'] === '/unsampled')).toEqual([])
})

/** @returns the headers that the shop received */
function get(balancer: string, path: string, headers: Record<string, string> = {}): Promise<Record<string, string>> {
  return new Promise((resolve, reject) => {
    const call = request(urls[balancer] + path, { headers, agent: false }, (response) => {
      let text = ''
      response.setEncoding('utf8').on('data', (part: string) => (text += part))
      response.on('end', () => resolve(text.startsWith('{') ? (JSON.parse(text) as Record<string, string>) : {}))
    })
    call.on('error', reject).end()
  })
}

/** Goes away once the shop has the request. */
async function leave(balancer: string, path: string, agent: string): Promise<void> {
  const call = request(urls[balancer] + path, { headers: { 'user-agent': agent }, agent: false })
  call.on('error', () => {})
  await new Promise<void>((resolve) => call.end(resolve))
  setTimeout(() => call.destroy(), 200)
}

const WAIT = { timeout: 20_000, interval: 50 }

function recordOf(eventName: string, path: string): Promise<LogRecord> {
  return vi.waitFor(() => {
    const found = recordsOf({ aggregateFile }).find(
      ({ record }) => record.eventName === eventName && record.attributes['url.path'] === path,
    )
    if (found === undefined) throw new Error(`no ${eventName} of ${path} has arrived`)
    return found.record
  }, WAIT)
}

function recordWith(attributes: Readonly<Record<string, string>>): Promise<LogRecord> {
  return vi.waitFor(() => {
    const found = recordsOf({ aggregateFile }).find(({ record }) =>
      Object.entries(attributes).every(([key, value]) => record.attributes[key] === value),
    )
    if (found === undefined) throw new Error(`no record with ${JSON.stringify(attributes)} has arrived`)
    return found.record
  }, WAIT)
}

function spanOf(service: string, path: string): Promise<SpanRecord> {
  return vi.waitFor(() => {
    const found = spansOf(tracesFile).find(
      ({ service: name, span }) => name === service && span.attributes['url.path'] === path,
    )
    if (found === undefined) throw new Error(`no span of ${service} for ${path} has arrived`)
    return found.span
  }, WAIT)
}
