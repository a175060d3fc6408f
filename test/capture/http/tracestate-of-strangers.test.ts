/** Our own member of a caller's tracestate counts from trusted peers only, whichever engine serves. */
import { once } from 'node:events'
import { createServer } from 'node:http'
import { connect, type AddressInfo } from 'node:net'

import { expect, test } from 'vitest'

import { createHopInstrumentations } from '../../../src/capture/hop-instrumentations.ts'
import { createTrustedPeers } from '../../../src/context/trusted-peers.ts'
import { createHopKit } from '../../support/hop-kit.ts'

const STATE = 'tracelog=d:1,other=1'
const REQUEST = [
  'GET / HTTP/1.1',
  'Host: x',
  'Connection: close',
  'traceparent: 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01',
  `tracestate: ${STATE}`,
].join('\r\n')

test.each([
  { httpEngine: 'channels' as const, peers: ['loopback'], expected: STATE },
  { httpEngine: 'channels' as const, peers: ['10.0.0.1'], expected: 'other=1' },
  { httpEngine: 'otel' as const, peers: ['loopback'], expected: STATE },
  { httpEngine: 'otel' as const, peers: ['10.0.0.1'], expected: 'other=1' },
])('engine $httpEngine, trusted: $peers: $expected', async ({ httpEngine, peers, expected }) => {
  const kit = createHopKit()
  const options = { ...kit.options, httpEngine, trustedPeers: createTrustedPeers(peers) }
  const instrumentations = createHopInstrumentations(options)
  for (const instrumentation of instrumentations) instrumentation.enable()
  const server = createServer((_, response) => void response.end('ok')).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1')
  socket.end(`${REQUEST}\r\n\r\n`)
  await once(socket.resume(), 'close')
  await kit.spansReach(1)
  server.close()
  for (const instrumentation of instrumentations) instrumentation.disable()
  expect(kit.spans[0]).toMatchObject({ kind: 2, traceId: '4bf92f3577b34da6a3ce929d0e0e4736', traceState: expected })
})
