/** What a context that outlives its request still holds: a timer's, an open WebSocket's. */
import { once } from 'node:events'
import { createServer, get, request as httpRequest } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'

import { context, trace, type Context } from '@opentelemetry/api'
import { afterEach, expect, test } from 'vitest'

import { createHopInstrumentations } from '../../../src/capture/hop-instrumentations.ts'
import { openHopCount } from '../../../src/capture/hop/open-hops.ts'
import { emitterState } from '../../../src/context/emitter-state.ts'
import { unitOf } from '../../../src/context/request-unit.ts'
import type { ReadableSpan } from '../../../src/model/sdk-types.ts'
import { Processors, type SpanProcessor } from '../../../src/record/processors.ts'
import { RecordingSpan } from '../../../src/record/recording-span.ts'
import { createHopKit, type HopKit } from '../../support/hop-kit.ts'

const ACCEPT = 'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n'

const undos: (() => void)[] = []
afterEach(() => {
  for (const undo of undos.splice(0)) undo()
})

function start(kit: HopKit): void {
  const instrumentations = createHopInstrumentations(kit.options)
  for (const instrumentation of instrumentations) instrumentation.enable()
  undos.push(() => {
    for (const instrumentation of instrumentations) instrumentation.disable()
  })
}

function expectForgotten(kept: Context): void {
  const span = trace.getSpan(kept) as RecordingSpan
  expect(span).toBeInstanceOf(RecordingSpan)
  expect(span).toMatchObject({ ended: true, attributes: {}, events: [], links: [] })
  expect(unitOf(kept)).toMatchObject({ upstreams: { all: [] }, thrown: undefined, inbound: undefined, hop: undefined })
  expect(openHopCount()).toBe(0)
}

test('of a request: ids, not what was written down', async () => {
  const kit = createHopKit()
  start(kit)
  let kept: Context | undefined
  let response: object = {}
  const server = createServer((_, answer) => {
    kept = context.active()
    response = answer
    trace
      .getActiveSpan()
      ?.addEvent('noted')
      .addLink({ context: { traceId: '', spanId: '', traceFlags: 0 } })
    get({ port, host: '127.0.0.1', path: '/upstream', agent: false }, (upstream) => upstream.pipe(answer)).on(
      'error',
      () => answer.end(),
    )
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const port = 1
  const [answer] = await once(
    httpRequest({ port: (server.address() as AddressInfo).port, host: '127.0.0.1', agent: false }).end(),
    'response',
  )
  answer.resume()
  await once(answer, 'close')
  await kit.spansReach(3)
  server.close()
  expectForgotten(kept as Context)
  expect(emitterState(response)?.watcher).toBeUndefined()
  const span = kit.spans.find(({ kind }) => kind === 2)
  expect(span?.attributes).toMatchObject({ 'url.path': '/' })
  expect(span).toMatchObject({ events: [{ name: 'noted' }], links: [{}] })
})

test('of an open WebSocket: ids, nothing on its socket', async () => {
  const kit = createHopKit()
  start(kit)
  let kept: Context | undefined
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const upgraded = new Promise<Socket>((resolve) =>
    server.on('upgrade', (_, socket: Socket) => {
      kept = context.active()
      socket.on('error', () => {}).write(ACCEPT, () => resolve(socket))
    }),
  )
  const { port } = server.address() as AddressInfo
  const outgoing = httpRequest({
    port,
    host: '127.0.0.1',
    headers: { Connection: 'Upgrade', Upgrade: 'websocket' },
  }).end()
  const [[, socket], serving] = await Promise.all([once(outgoing, 'upgrade'), upgraded])
  expectForgotten(kept as Context)
  expect(emitterState(serving)?.onFirstWrite).toBeUndefined()
  expect(Object.getOwnPropertyNames(serving)).not.toEqual(expect.arrayContaining(['_write']))
  const closed = new Promise((resolve) => serving.on('close', resolve))
  serving.destroy()
  socket.destroy()
  await closed
  expect(emitterState(serving)?.watcher).toBeUndefined()
  server.close()
})

test('for processors of users an ended span says all that it said', () => {
  const ended: ReadableSpan[] = []
  const processor: SpanProcessor = {
    onStart() {},
    onEnd: (span) => void ended.push(span),
    forceFlush: async () => {},
    shutdown: async () => {},
  }
  const kit = createHopKit({ processors: new Processors([processor]) })
  kit.options.tracerProvider
    .getTracer('test')
    .startSpan('x', { attributes: { a: 1 } })
    .addEvent('noted')
    .end()
  expect(ended[0]).toMatchObject({ attributes: { a: 1 }, events: [{ name: 'noted' }] })
})
