/** TRACELOG_REQUEST_PATH over two services, real processes with the preload: the whole way from the caller's header to the records. */
import { afterEach, beforeEach, expect, test } from 'vitest'

import type { LogRecord } from '../../src/model/log-record.ts'
import { SPAN_KIND } from '../../src/model/span-record.ts'
import { startChild, type RunningChild } from '../support/child.ts'
import { startReceiver, type Receiver } from '../support/receiver.ts'

const TRACEPARENT = `00-${'a'.repeat(32)}-${'b'.repeat(16)}-03`
const CALLERS = ['1', '2'].map((digit) => digit.repeat(16))

let receiver: Receiver
let children: RunningChild[]

beforeEach(async () => {
  receiver = await startReceiver()
  children = []
})
afterEach(async () => {
  for (const child of children) child.kill('SIGKILL')
  await Promise.all(children.map(({ ended }) => ended))
  await receiver.close()
})

async function startService(name: string, env: Record<string, string>): Promise<string> {
  const settings = { OTEL_SERVICE_NAME: name, OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, TRACELOG_REQUEST_PATH: 'on' }
  const child = startChild('hops/service.cjs', { env: { ...settings, ...env } })
  children.push(child)
  await child.prints('\n')
  return `http://127.0.0.1:${child.stdout().trim()}`
}

/** One request to front, which asks back for each of its paths. @returns what each service's records and spans say */
async function request(
  settings: { front?: Record<string, string>; back?: Record<string, string>; headers?: Record<string, string> } = {},
) {
  const back = await startService('back', { ...settings.back })
  const front = await startService('front', { UPSTREAM: back, ...settings.front })
  await (await fetch(front, { headers: settings.headers ?? {} })).text()
  for (const child of children) child.kill('SIGTERM')
  await Promise.all(children.map(({ ended }) => ended))
  const of = (service: string) => ({
    records: receiver.receivedLogs.filter(({ resource }) => resource['service.name'] === service).map(pathOf),
    spans: receiver.receivedSpans
      .filter(({ resource, span }) => resource['service.name'] === service && span.kind === SPAN_KIND.server)
      .map(({ span }) => span.spanId),
  })
  return { front: of('front'), back: of('back') }
}

function pathOf({ record }: { record: LogRecord }): { span: string; path: unknown } {
  return { span: record.spanId, path: record.attributes['tracelog.request.path'] }
}

test.each(['channels', 'otel'])(
  'each record names the server spans from the first service down (%s)',
  async (engine) => {
    const env = { TRACELOG_HTTP_ENGINE: engine, ASKS: '/a,/b' }
    const { front, back } = await request({ front: env, back: env })
    const [first = ''] = front.spans
    expect(front.spans).toHaveLength(1)
    expect(back.spans).toHaveLength(2)
    // The application's line and the completion record, of each request.
    expect(front.records).toEqual([1, 2].map(() => ({ span: first, path: first })))
    expect(back.records).toHaveLength(4)
    for (const { span, path } of back.records) expect(path).toBe(`${first}:${span}`)
  },
)

test('a service without the setting passes on what it was told, and writes nothing', async () => {
  const headers = { traceparent: TRACEPARENT, tracestate: `other=1,tracelog=x:new;r:${CALLERS.join('.')}` }
  const { front, back } = await request({ front: { TRACELOG_REQUEST_PATH: 'off' }, headers })
  expect(front.records.map(({ path }) => path)).toEqual([undefined, undefined])
  for (const { span, path } of back.records) expect(path).toBe([...CALLERS, span].join(':'))
  expect(back.records).toHaveLength(2)
})

test('a peer that is not trusted is neither believed nor told', async () => {
  const headers = { traceparent: TRACEPARENT, tracestate: `tracelog=r:${CALLERS.join('.')}` }
  const { front, back } = await request({ front: { TRACELOG_TRUSTED_PEERS: '10.0.0.1' }, headers })
  for (const { span, path } of [...front.records, ...back.records]) expect(path).toBe(span)
  expect([...front.records, ...back.records]).toHaveLength(4)
})
