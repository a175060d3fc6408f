/** The bridge as a process, an endpoint in the test behind it. */
import { afterEach, beforeEach, describe, expect, onTestFinished, test } from 'vitest'

import { startChild, type RunningChild } from '../support/child.ts'
import { startGrpcReceiver } from '../support/grpc-receiver.ts'
import { startReceiver, type Receiver } from '../support/receiver.ts'
import { runCli } from './run-cli.ts'

const CLI = new URL('../../dist/cli.js', import.meta.url).pathname
let upstream: Receiver
beforeEach(async () => {
  upstream = await startReceiver()
})
afterEach(() => upstream.close())

interface Bridge {
  readonly url: string
  readonly child: RunningChild
}

async function startBridge(env: Record<string, string> = {}, args: readonly string[] = []): Promise<Bridge> {
  const child = startChild(CLI, {
    preload: 'none',
    args: ['lb-spans', '--port', '0', '--json', ...args],
    env: { OTEL_EXPORTER_OTLP_ENDPOINT: upstream.url, ...env },
  })
  onTestFinished(async () => {
    child.kill('SIGKILL')
    await child.ended
  })
  await child.prints('\n')
  return { child, url: (JSON.parse(child.stdout()) as { otlp_http: string }).otlp_http }
}

const attribute = (key: string, value: string) => ({ key, value: { stringValue: value } })

/** Hops of one load balancer, and one line of an application. */
function request(spanIds: readonly string[]): unknown {
  const hops = spanIds.map((spanId) => ({
    timeUnixNano: '1726151722001000000',
    eventName: 'tracelog.lb.end',
    traceId: '0af7651916cd43dd8448eb211c80319c',
    spanId,
    flags: 1,
    attributes: [attribute('http.request.method', 'GET'), attribute('tracelog.parent_span_id', '00f067aa0ba902b7')],
  }))
  const resource = { attributes: [attribute('service.name', 'haproxy')] }
  return { resourceLogs: [{ resource, scopeLogs: [{ logRecords: [...hops, { body: { stringValue: 'a line' } }] }] }] }
}

async function post(url: string, body: unknown, headers: Record<string, string> = {}): Promise<Response> {
  return await fetch(`${url}/v1/logs`, {
    method: 'POST',
    body: JSON.stringify(body),
    headers: { 'content-type': 'application/json', ...headers },
  })
}

const IDS = ['b7ad6b7169203331', 'b7ad6b7169203332']

test.each(['http/protobuf', 'http/json'])('hops become spans, other records nothing (%s)', async (protocol) => {
  const { url, child } = await startBridge({
    OTEL_EXPORTER_OTLP_PROTOCOL: protocol,
    OTEL_EXPORTER_OTLP_COMPRESSION: 'gzip',
  })
  expect((await post(url, request(IDS))).status).toBe(200)
  expect((await post(url, request([]))).status).toBe(200)
  expect(upstream.receivedSpans).toMatchObject(
    IDS.map((spanId) => ({
      resource: { 'service.name': 'haproxy' },
      span: { name: 'GET', kind: 2, spanId, parentSpanId: '00f067aa0ba902b7' },
    })),
  )
  expect(upstream.requests).toHaveLength(1)
  child.kill('SIGTERM')
  const { code, stdout, stderr } = await child.ended
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  expect(JSON.parse(stdout.split('\n')[1]!)).toEqual({ records: 4, spans: 2 })
})

test('what is sent again is not sent on twice', async () => {
  const { url } = await startBridge()
  const both = [...IDS, 'b7ad6b7169203333']
  for (const ids of [IDS, IDS, both]) expect((await post(url, request(ids))).status).toBe(200)
  expect(upstream.receivedSpans.map(({ span }) => span.spanId)).toEqual(both)
})

test('hops become spans over gRPC, too', async () => {
  const grpc = await startGrpcReceiver()
  onTestFinished(() => grpc.close())
  const { url } = await startBridge({ OTEL_EXPORTER_OTLP_ENDPOINT: grpc.url, OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' })
  expect((await post(url, request(IDS))).status).toBe(200)
  expect(grpc.receivedSpans.map(({ span }) => span.spanId)).toEqual(IDS)
})

describe('an answer of 200 means that the spans were accepted', () => {
  test.each([
    ['it is busy', { status: 503 }, 503],
    ['it wants a token', { status: 401 }, 503],
    ['it is the wrong address', { status: 404 }, 503],
    ['it cuts the connection', { reset: true }, 503],
    ['it refuses the request for good', { status: 400 }, 400],
  ])('%s', async (_, fault, status) => {
    const { url, child } = await startBridge()
    upstream.failNext(fault)
    expect((await post(url, request(IDS))).status).toBe(status)
    expect(upstream.receivedSpans).toEqual([])
    expect(child.stderr()).toContain('does not accept spans')
    // What the sender does then.
    expect((await post(url, request(IDS))).status).toBe(200)
    expect(upstream.receivedSpans.map(({ span }) => span.spanId)).toEqual(IDS)
  })

  test('nobody listens: 503, with the time to come back', async () => {
    const { url } = await startBridge()
    await upstream.stopListening()
    const refused = await post(url, request(IDS))
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '1'])
    await upstream.listenAgain()
    expect((await post(url, request(IDS))).status).toBe(200)
  })
})

test('the settings are those of every exporter', async () => {
  const { url } = await startBridge({
    OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: `${upstream.url}/v1/traces?tenant=7`,
    OTEL_EXPORTER_OTLP_HEADERS: 'x-scope-orgid=shop',
  })
  expect((await post(url, request(IDS))).status).toBe(200)
  expect(upstream.requests).toMatchObject([{ path: '/v1/traces?tenant=7', headers: { 'x-scope-orgid': 'shop' } }])
  const wrong = await runCli(['lb-spans'], { env: { OTEL_EXPORTER_OTLP_TIMEOUT: 'soon' } })
  expect(wrong).toMatchObject({ code: 2, err: expect.stringContaining('OTEL_EXPORTER_OTLP_TIMEOUT') })
})

test('spans are not taken, nor requests of other web pages', async () => {
  const { url } = await startBridge()
  const spans = {
    resourceSpans: [{ scopeSpans: [{ spans: [{ traceId: '0af7651916cd43dd8448eb211c80319c', spanId: IDS[0] }] }] }],
  }
  const refused = await fetch(`${url}/v1/traces`, {
    method: 'POST',
    body: JSON.stringify(spans),
    headers: { 'content-type': 'application/json' },
  })
  expect(refused.status).toBe(400)
  expect((await post(url, request(IDS), { origin: 'http://evil.example' })).status).toBe(403)
})

test('beyond loopback it wants a token', async () => {
  const without = await runCli(['lb-spans', '--listen', '0.0.0.0'], { env: { TRACELOG_TOKEN: '' } })
  expect(without).toMatchObject({ code: 2, err: expect.stringContaining('--listen is "0.0.0.0" without a token') })
  const { url } = await startBridge({ TRACELOG_TOKEN: 'secret-token' }, [
    '--listen',
    '0.0.0.0',
    '--allow-host',
    'lb-spans',
  ])
  expect((await post(url, request(IDS))).status).toBe(401)
  expect((await post(url, request(IDS), { authorization: 'Bearer secret-token' })).status).toBe(200)
})

test('a login in the endpoint is used, and never printed', async () => {
  const { host } = new URL(upstream.url)
  const { child, url } = await startBridge({ OTEL_EXPORTER_OTLP_ENDPOINT: `http://user:secret@${host}` })
  expect((await post(url, request(IDS))).status).toBe(200)
  expect(upstream.requests[0]?.headers.authorization).toBe(`Basic ${btoa('user:secret')}`)
  expect(child.stdout()).toContain(`"spans_to":"http://${host}/v1/traces"`)
  expect(child.stdout()).not.toContain('secret')
})
