/** Memory that goes round between requests: who gets it, and when a transport lets it go. */
import * as fc from 'fast-check'
import { createServer, type AddressInfo, type Server } from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'

import { createEndpointTransport } from '../../src/export/transports/endpoint.ts'
import type { ExportRequest, Transport } from '../../src/export/transports/transport.ts'
import type { OtlpEndpoint } from '../../src/export/otlp-endpoint.ts'
import { RequestMemory } from '../../src/export/request-memory.ts'
import { logsRequest } from '../contract/transport.contract.ts'
import { startGrpcReceiver } from '../support/grpc-receiver.ts'
import { startReceiver, type Receiver } from '../support/receiver.ts'

const KIB = 1024

describe('memory of requests', () => {
  test('is what was given back', () => {
    const memory = new RequestMemory()
    const first = memory.take(100 * KIB)
    memory.giveBack(first)
    const second = memory.take(110 * KIB)
    expect(second.buffer).toBe(first.buffer)
    expect(memory.take(100 * KIB).buffer).not.toBe(first.buffer)
  })

  test('is of the size that was asked for, and never held by two', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.integer({ min: 0, max: 3e6 }), fc.nat({ max: 5 }))), (steps) => {
        const memory = new RequestMemory()
        const held: Uint8Array<ArrayBuffer>[] = []
        for (const [size, giveBacks] of steps) {
          const bytes = memory.take(size)
          expect(bytes.length).toBe(size)
          expect(held.every(({ buffer }) => buffer !== bytes.buffer)).toBe(true)
          held.push(bytes)
          for (const one of held.splice(0, giveBacks)) memory.giveBack(one)
        }
      }),
      { numRuns: 50 },
    )
  })

  test('that is of a burst is let go once small requests come', () => {
    const memory = new RequestMemory()
    const large = memory.take(2 * KIB * KIB)
    memory.giveBack(large)
    expect(memory.take(10 * KIB).buffer).not.toBe(large.buffer)
    expect(memory.take(2 * KIB * KIB).buffer).not.toBe(large.buffer)
  })
})

/** Answers as soon as the first byte has come, and reads no further. */
async function startHastyServer(answer: string): Promise<Server> {
  const server = createServer((socket) => {
    socket.on('error', () => {})
    socket.once('data', () => {
      socket.pause()
      socket.write(answer)
    })
  })
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
  return server
}

const requestOf = (size: number): ExportRequest => ({ signal: 'logs', bytes: new Uint8Array(size) })
const inTime = () => performance.now() + 20_000

describe('a transport', () => {
  let receiver: Receiver | undefined
  let hasty: Server | undefined
  let transport: Transport | undefined
  const to = (url: string, compression: OtlpEndpoint['compression'] = 'none') =>
    (transport = createEndpointTransport(
      { url, protocol: 'http/protobuf', headers: {}, compression, timeoutMillis: 20_000 },
      'test',
    ))
  afterEach(async () => {
    transport?.stop()
    hasty?.close()
    await receiver?.close()
    receiver = hasty = transport = undefined
  })

  test.each(['none', 'gzip', 'zstd'] as const)('that packs with %s lets go of what was taken', async (compression) => {
    receiver = await startReceiver()
    const request = requestOf(0)
    expect((await to(`${receiver.url}/v1/logs`, compression).send(request, inTime())).kind).toBe('delivered')
    expect(request.isReleased).toBe(true)
  })

  test.each(['none', 'gzip'] as const)('of gRPC that packs with %s does so too', async (compression) => {
    const grpc = await startGrpcReceiver()
    transport = createEndpointTransport(
      { url: grpc.url, protocol: 'grpc', headers: {}, compression, timeoutMillis: 20_000 },
      'test',
    )
    for (const text of ['a', 'b'.repeat(100_000), 'c']) {
      const request = logsRequest(text)
      expect((await transport.send(request, inTime())).kind).toBe('delivered')
      expect(request.isReleased).toBe(true)
    }
    expect(grpc.receivedLogs.map(({ record }) => record.body)).toEqual(['a', 'b'.repeat(100_000), 'c'])
    await grpc.close()
  })

  test('keeps what it is still sending when the answer comes', async () => {
    hasty = await startHastyServer('HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n')
    const request = requestOf(64 * KIB * KIB)
    const url = `http://127.0.0.1:${(hasty.address() as AddressInfo).port}/v1/logs`
    expect((await to(url).send(request, inTime())).kind).toBe('delivered')
    expect(request.isReleased).toBe(false)
  })

  test('keeps what it kept once, also when a later try is taken', async () => {
    receiver = await startReceiver()
    const request = { ...requestOf(0), isReleased: false }
    expect((await to(`${receiver.url}/v1/logs`).send(request, inTime())).kind).toBe('delivered')
    expect(request.isReleased).toBe(false)
  })
})
