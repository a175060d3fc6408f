/** Two services that speak Zipkin's headers, and one that forwards those of its caller as they came. */
import { afterAll, beforeAll, expect, test } from 'vitest'

import { SPAN_KIND } from '../../../src/model/span-record.ts'
import { startChild, type RunningChild } from '../../support/child.ts'
import { startReceiver, type Receiver } from '../../support/receiver.ts'

const TRACE = '0af7651916cd43dd8448eb211c80319c'
const SHORT = '48485a3953bb6124'
const SPAN = 'b7ad6b7169203331'

let receiver: Receiver
beforeAll(async () => {
  receiver = await startReceiver()
})
afterAll(() => receiver.close())

async function startService(propagators: string, ...args: string[]): Promise<RunningChild & { url: string }> {
  const child = startChild('extend/relay.cjs', {
    args,
    env: { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, OTEL_PROPAGATORS: propagators },
  })
  await child.prints('listening')
  return { ...child, url: `http://127.0.0.1:${/listening (\d+)/.exec(child.stdout())?.[1]}` }
}

/** Asks the first of two services. @returns the headers that the second one got, and the spans of the trace */
async function ask(propagators: string, path: string, headers: Record<string, string>) {
  const before = receiver.receivedSpans.length
  const last = await startService(propagators)
  const first = await startService(propagators, last.url)
  const response = await fetch(first.url + path, { headers })
  const got = (await response.json()) as Record<string, string>
  for (const child of [first, last]) {
    child.kill('SIGTERM')
    await child.ended
  }
  const spans = receiver.receivedSpans.slice(before).map(({ span }) => span)
  const server = (parent: string | undefined) =>
    spans.find(({ kind, parentSpanId }) => kind === SPAN_KIND.server && parentSpanId === parent)
  const outer = server(SPAN)
  const client = spans.find(({ kind, parentSpanId }) => kind === SPAN_KIND.client && parentSpanId === outer?.spanId)
  return { got, outer, client, inner: server(client?.spanId) }
}

const b3Of = (headers: Record<string, string>) =>
  Object.fromEntries(Object.entries(headers).filter(([name]) => /b3|trace/.test(name)))

test.each(['/http', '/fetch'])('b3 goes through both, one trace with three spans (%s)', async (path) => {
  const { got, outer, client, inner } = await ask('b3', path, { b3: `${SHORT}-${SPAN}-1-${SPAN}` })
  const traceId = `${'0'.repeat(16)}${SHORT}`
  expect([outer?.traceId, client?.traceId, inner?.traceId]).toEqual([traceId, traceId, traceId])
  expect(b3Of(got)).toEqual({ b3: `${traceId}-${client?.spanId}-1` })
})

test.each(['/http', '/fetch'])('b3multi goes on as debug; what was forwarded is replaced (%s)', async (path) => {
  const { got, client } = await ask('b3multi,baggage', path, {
    b3: `${TRACE}-${SPAN}-d`,
    'x-b3-parentspanid': SPAN,
    'x-b3-sampled': '0',
  })
  expect(b3Of(got)).toEqual({ 'x-b3-traceid': TRACE, 'x-b3-spanid': client?.spanId, 'x-b3-flags': '1' })
})

test('where nobody records, the decision goes on all the same', async () => {
  const { got, outer } = await ask('b3,tracecontext', '/http', { b3: `${TRACE}-${SPAN}-0` })
  expect(outer).toBeUndefined()
  const { b3, traceparent } = b3Of(got)
  expect(b3).toMatch(new RegExp(`^${TRACE}-[0-9a-f]{16}-0$`))
  expect(traceparent).toMatch(new RegExp(`^00-${TRACE}-[0-9a-f]{16}-00$`))
})
