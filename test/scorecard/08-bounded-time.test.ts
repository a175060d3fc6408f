/**
 * Row 8: an endpoint that never gets to an end costs each try its time-out and no more, and nothing is left open behind it.
 *
 * What flush and shutdown promise, also for a hundred callers, is in export/bounded-time.
 */
import { spawn, type ChildProcess } from 'node:child_process'
import dns from 'node:dns'
import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net'

import { afterEach, expect, test, vi } from 'vitest'

import { monotonicMillis } from '../../src/diag/clock.ts'
import { createEndpointTransport } from '../../src/export/transports/endpoint.ts'
import { slack } from '../support/machine.ts'
import { logsRequest } from '../contract/transport.contract.ts'

const TIMEOUT_MILLIS = 300
const LATE_MILLIS = 250

const stops: (() => unknown)[] = []
afterEach(async () => {
  for (const stop of stops.splice(0).toReversed()) await stop()
})

async function serve(onSocket: (socket: Socket) => void): Promise<string> {
  const sockets = new Set<Socket>()
  const server: Server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => {})
    onSocket(socket)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  stops.push(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

/** A process that is stopped, and whose queue of connections is full: the system answers no more of them. */
async function serveNobody(): Promise<string> {
  const program =
    "const s = require('node:net').createServer().listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => console.log(s.address().port))"
  const child: ChildProcess = spawn(process.execPath, ['-e', program], { stdio: ['ignore', 'pipe', 'inherit'] })
  stops.push(() => child.kill('SIGKILL'))
  const [chunk] = (await once(child.stdout!, 'data')) as [Buffer]
  const port = Number(String(chunk))
  child.kill('SIGSTOP')
  const fillers = Array.from({ length: 4 }, () => connect(port, '127.0.0.1').on('error', () => {}))
  stops.push(() => fillers.forEach((socket) => socket.destroy()))
  await new Promise((resolve) => setImmediate(resolve))
  return `http://127.0.0.1:${port}`
}

const ENDPOINTS: Readonly<Record<string, () => Promise<string>>> = {
  'takes the connection, and reads nothing': () => serve((socket) => socket.pause()),
  'reads everything, and answers nothing': () => serve((socket) => socket.resume()),
  'drips its head, a byte at a time': () =>
    serve((socket) => {
      socket.resume()
      const head = 'HTTP/1.1 200 OK\r\nX-Slow: '.split('')
      const timer = setInterval(() => socket.write(head.shift() ?? 'x'), 10)
      stops.push(() => clearInterval(timer))
    }),
  'is half open: it has closed its side and says nothing': () => serve((socket) => socket.resume().cork()),
  'drops the first packet': serveNobody,
  'has a name that nobody finds': () => {
    const lookup = vi.spyOn(dns, 'lookup').mockImplementation(() => {})
    stops.push(() => lookup.mockRestore())
    return Promise.resolve('http://collector.example:4318')
  },
}

test.each(Object.keys(ENDPOINTS))('an endpoint that %s', async (what) => {
  const url = `${await ENDPOINTS[what]!()}/v1/logs`
  const before = process.getActiveResourcesInfo().filter(isOurs).length
  const endpoint = { url, protocol: 'http/protobuf', headers: {}, timeoutMillis: 5000, compression: 'none' } as const
  const transport = createEndpointTransport(endpoint, 'tracelog/test')
  const started = monotonicMillis()
  const answer = await transport.send(logsRequest('x'.repeat(200_000)), started + TIMEOUT_MILLIS)
  const took = monotonicMillis() - started
  expect(answer).toMatchObject({ kind: 'unreachable', reason: expect.stringContaining('no answer within') as string })
  expect(took).toBeGreaterThanOrEqual(TIMEOUT_MILLIS - 2)
  expect(took).toBeLessThan(TIMEOUT_MILLIS + slack(LATE_MILLIS))

  transport.stop()
  // What is left is the endpoint's own side, which this test ends.
  await expect.poll(() => process.getActiveResourcesInfo().filter(isOurs).length).toBeLessThanOrEqual(before)
})

/** Connections that are made from here; what the endpoint of the test has accepted is of another kind. */
function isOurs(resource: string): boolean {
  return resource === 'TCPConnectWrap' || resource === 'GetAddrInfoReqWrap' || resource === 'TLSWrap'
}
