/** Contexts are entered for those who listen, and for nobody else. */
import { once } from 'node:events'
import { createServer, get, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'

import { context } from '@opentelemetry/api'
import { expect, test, vi } from 'vitest'

import { createChannelsEngine } from '../../../src/capture/http/channels-engine.ts'
import { HTTP_SCOPE } from '../../../src/capture/hop/hop-options.ts'
import { currentUnit } from '../../../src/context/request-unit.ts'
import { createHopKit } from '../../support/hop-kit.ts'

async function serve(listen: (request: IncomingMessage) => void): Promise<number> {
  const kit = createHopKit()
  const { storage, tracerProvider } = kit.options
  const engine = createChannelsEngine({ ...kit.options, tracer: tracerProvider.getTracer(HTTP_SCOPE.name) })
  engine.enable()
  const run = vi.spyOn(storage, 'run')
  const server = createServer((request, response) => {
    listen(request)
    response.end('ok')
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const outgoing = context.with(context.active(), () => get({ port, host: '127.0.0.1', agent: false }))
  const [answer] = (await once(outgoing, 'response')) as [IncomingMessage]
  answer.resume()
  await once(answer, 'close')
  await kit.spansReach(1)
  server.close()
  await once(server, 'close')
  engine.disable()
  const times = run.mock.calls.filter(
    ([entered]) => entered.getValue(Symbol.for('org.tracelog.request-unit')) !== undefined,
  )
  run.mockRestore()
  return times.length
}

test('a request that nobody listens to enters no context for its events', async () => {
  expect(await serve(() => {})).toBe(0)
})

test('a listener of the application runs in the context of its request', async () => {
  const seen: (string | undefined)[] = []
  const entered = await serve((request) => request.on('end', () => seen.push(currentUnit()?.path)).resume())
  expect(seen).toEqual(['/'])
  expect(entered).toBeGreaterThan(0)
})
