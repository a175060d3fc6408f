/** Nothing of ours is among the listeners of an outgoing request and its answer, and none can be taken away. */
import { once } from 'node:events'
import { createServer, get, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'

import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'

import { createHopInstrumentations } from '../../../src/capture/hop-instrumentations.ts'
import type { Instrumentation } from '../../../src/capture/instrumentation.ts'
import { createHopKit } from '../../support/hop-kit.ts'

let server: Server

beforeAll(async () => {
  server = createServer((_, response) => void response.end('body')).listen(0, '127.0.0.1')
  await once(server, 'listening')
})
afterAll(() => {
  server.close()
})

describe.each(['channels', 'otel'] as const)('engine %s', (httpEngine) => {
  const kit = createHopKit()
  let instrumentations: readonly Instrumentation[]

  beforeAll(() => {
    instrumentations = createHopInstrumentations({ ...kit.options, httpEngine, ignorePaths: ['/'] })
    for (const instrumentation of instrumentations) instrumentation.enable()
  })
  afterAll(() => {
    for (const instrumentation of instrumentations) instrumentation.disable()
  })
  beforeEach(() => {
    kit.spans.length = 0
  })

  const call = async (): Promise<{ request: ReturnType<typeof get>; response: IncomingMessage }> => {
    const request = get({ port: (server.address() as AddressInfo).port, host: '127.0.0.1', agent: false })
    const [response] = (await once(request, 'response')) as [IncomingMessage]
    return { request, response }
  }

  test('they are not counted', async () => {
    const { request, response } = await call()
    // The reference engine has two of its own.
    const expected = httpEngine === 'otel' ? [1, 0] : [0, 0]
    expect([request.listenerCount('close'), response.listenerCount('close')]).toEqual(expected)
    response.resume()
    await kit.spansReach(1)
  })

  test('the span ends though all listeners are removed', async () => {
    const { request, response } = await call()
    request.removeAllListeners('close')
    response.removeAllListeners('close')
    response.resume()
    await kit.spansReach(1)
    expect(kit.spans[0]).toMatchObject({ kind: 3, statusCode: 0 })
  })
})
