/**
 * What every transport to an OTLP endpoint does with an answer, and without one: one suite for all protocols.
 *
 * A protocol brings an endpoint of test/support that can be told how to answer, in words that all of them have.
 */
import { afterEach, beforeEach, describe, expect, test } from 'vitest'

import { createEndpointTransport } from '../../src/export/transports/endpoint.ts'
import type { Answer } from '../../src/export/transports/answer.ts'
import type { ExportRequest, Transport } from '../../src/export/transports/transport.ts'
import type { OtlpEndpoint } from '../../src/export/otlp-endpoint.ts'
import { slack } from '../support/machine.ts'
import { protobufjsEncode } from '../support/otlp-proto.ts'
import type { Receiver } from '../support/receiver.ts'

/** How an endpoint answers, as all protocols can say it. */
export type Manner =
  | 'busy'
  | 'busy for 2 s'
  | 'refuses'
  | 'too large'
  | 'refuses three'
  | 'cuts at once'
  | 'cuts when it has read'
  | 'cuts in its answer'
  | 'resets'
  | 'silent'
  | 'knows no zstd'

export interface ContractEndpoint {
  readonly arrivals: Pick<
    Receiver,
    'receivedLogs' | 'receivedSpans' | 'until' | 'stopListening' | 'listenAgain' | 'close'
  >
  readonly endpoint: Pick<OtlpEndpoint, 'url' | 'protocol'>
  /** From now on; `undefined`: takes everything. */
  answer(manner: Manner | undefined): void
  /** Headers of each request so far. */
  headers(): readonly Readonly<Record<string, unknown>>[]
  /** The name of the header that says how a body is packed. */
  readonly codingHeader: string
}

export function logsRequest(...bodies: string[]): ExportRequest {
  const logRecords = bodies.map((body) => ({ body: { stringValue: body } }))
  const bytes = protobufjsEncode('ExportLogsServiceRequest', { resourceLogs: [{ scopeLogs: [{ logRecords }] }] })
  return { signal: 'logs', bytes: new Uint8Array(bytes) }
}

function spansRequest(name: string): ExportRequest {
  const bytes = protobufjsEncode('ExportTraceServiceRequest', {
    resourceSpans: [{ scopeSpans: [{ spans: [{ name }] }] }],
  })
  return { signal: 'spans', bytes: new Uint8Array(bytes) }
}

export function describeTransport(protocol: string, start: () => Promise<ContractEndpoint>): void {
  describe(`a transport of ${protocol}`, () => {
    let peer: ContractEndpoint
    let transport: Transport

    beforeEach(async () => {
      peer = await start()
      transport = to(peer)
    })
    afterEach(async () => {
      transport.stop()
      await peer.arrivals.close()
    })

    function to({ endpoint }: ContractEndpoint, more: Partial<OtlpEndpoint> = {}): Transport {
      const general = { headers: {}, timeoutMillis: 5000, compression: 'none' as const }
      return createEndpointTransport({ ...general, ...endpoint, ...more }, 'tracelog/test')
    }

    function send(request: ExportRequest = logsRequest('hello'), millis = 5000): Promise<Answer> {
      return transport.send(request, performance.now() + millis)
    }

    const bodies = () => peer.arrivals.receivedLogs.map(({ record }) => record.body)

    test('delivers logs and spans', async () => {
      const traces = to(peer, { url: peer.endpoint.url.replace('/v1/logs', '/v1/traces') })
      expect(await send()).toEqual({ kind: 'delivered' })
      expect(await traces.send(spansRequest('work'), performance.now() + 5000)).toEqual({ kind: 'delivered' })
      traces.stop()
      expect(bodies()).toEqual(['hello'])
      expect(peer.arrivals.receivedSpans.map(({ span }) => span.name)).toEqual(['work'])
    })

    test('says who it is, and what it was told to say', async () => {
      transport = to(peer, { headers: { 'x-key': 'secret' } })
      await send()
      expect(peer.headers()[0]).toMatchObject({ 'x-key': 'secret', 'user-agent': 'tracelog/test' })
    })

    test('delivers many at a time, and large ones', async () => {
      const large = 'x'.repeat(1024 * 1024)
      const texts = ['a', 'b', 'c', large]
      const answers = await Promise.all(texts.map((text) => send(logsRequest(text))))
      expect(answers).toEqual(texts.map(() => ({ kind: 'delivered' })))
      expect(new Set(bodies())).toEqual(new Set(texts))
    })

    test.each([
      { manner: 'busy', answer: { kind: 'unreachable' } },
      { manner: 'busy for 2 s', answer: { kind: 'unreachable', retryAfterMillis: 2000 } },
      { manner: 'refuses', answer: { kind: 'rejected' } },
      { manner: 'too large', answer: { kind: 'too_large' } },
      { manner: 'refuses three', answer: { kind: 'partial', rejected: 3, message: 'too old' } },
      { manner: 'cuts at once', answer: { kind: 'unreachable' } },
      { manner: 'cuts when it has read', answer: { kind: 'unreachable' } },
      { manner: 'resets', answer: { kind: 'unreachable' } },
    ] satisfies { manner: Manner; answer: object }[])(
      'an endpoint that is "$manner": said so after one try, and the next request is delivered',
      async ({ manner, answer }) => {
        peer.answer(manner)
        const answered = await send(logsRequest('a', 'b', 'c', 'd'))
        expect(answered).toMatchObject(answer)
        expect('retryAfterMillis' in answered).toBe('retryAfterMillis' in answer)
        expect(peer.headers().length).toBeLessThanOrEqual(1)
        peer.answer(undefined)
        expect(await send(logsRequest('next'))).toEqual({ kind: 'delivered' })
        expect(bodies().at(-1)).toBe('next')
      },
    )

    test('an endpoint that says nothing is unreachable at the deadline, and heard again later', async () => {
      peer.answer('silent')
      const began = performance.now()
      expect(await send(logsRequest('a'), 300)).toMatchObject({
        kind: 'unreachable',
        reason: expect.stringMatching(/^no answer within \d+ ms$/),
      })
      expect(performance.now() - began).toBeLessThan(300 + slack(250))
      peer.answer(undefined)
      expect(await send()).toEqual({ kind: 'delivered' })
    })

    test('an endpoint that is away is unreachable by the name of the fault, and found again', async () => {
      await send()
      await peer.arrivals.stopListening()
      // The connection that was open may say it in its own words.
      await send()
      expect(await send()).toEqual({ kind: 'unreachable', reason: 'ECONNREFUSED' })
      await peer.arrivals.listenAgain()
      expect(await send()).toEqual({ kind: 'delivered' })
    })

    test('nothing that was sent stays open when it is stopped', async () => {
      peer.answer('silent')
      const waiting = [send(), send()]
      await peer.arrivals.until('two requests', () => peer.headers().length === 2)
      transport.stop()
      for (const answer of await Promise.all(waiting)) expect(answer.kind).toBe('unreachable')
    })

    test.each(['gzip', 'zstd'] as const)('packs with %s', async (compression) => {
      transport = to(peer, { compression })
      for (const text of ['a', 'b']) expect(await send(logsRequest(text))).toEqual({ kind: 'delivered' })
      expect(bodies()).toEqual(['a', 'b'])
      expect(peer.headers().map((headers) => headers[peer.codingHeader])).toEqual([compression, compression])
    })

    test('an endpoint that knows no zstd gets gzip from then on, the first request again', async () => {
      transport = to(peer, { compression: 'zstd' })
      peer.answer('knows no zstd')
      expect(await send(logsRequest('a'))).toEqual({ kind: 'delivered' })
      expect(await send(logsRequest('b'))).toEqual({ kind: 'delivered' })
      expect(bodies()).toEqual(['a', 'b'])
      expect(peer.headers().map((headers) => headers[peer.codingHeader])).toEqual(['zstd', 'gzip', 'gzip'])
    })

    test('a refusal after zstd was taken once is a refusal', async () => {
      transport = to(peer, { compression: 'zstd' })
      await send()
      peer.answer('knows no zstd')
      expect(await send()).toMatchObject({ kind: 'rejected' })
      expect(peer.headers()).toHaveLength(2)
    })

    test('a certificate that cannot be read is refused by its name', async () => {
      const url = peer.endpoint.url.replace('http:', 'https:')
      transport = to(peer, { url, certificateFile: '/nowhere/ca.pem' })
      expect(await send()).toEqual({ kind: 'rejected', reason: '/nowhere/ca.pem cannot be read (ENOENT)' })
    })

    test('TLS to an endpoint without it is unreachable', async () => {
      transport = to(peer, { url: peer.endpoint.url.replace('http:', 'https:') })
      expect(await send()).toMatchObject({ kind: 'unreachable', reason: expect.stringMatching(/^E/) })
    })
  })
}
