/**
 * Row 6: whatever an endpoint answers, over HTTP and over gRPC, every record is delivered or counted, and nobody is asked too often.
 *
 * Each case meets an endpoint that fails once (or always), and then the same endpoint in good health. Checked in each: emitted =
 * delivered + queued + dropped, as we say and as the endpoint has it; tries; 100 ms between two of them.
 */
import { createServer, type Server } from 'node:https'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterAll, describe, expect, onTestFinished, test, vi } from 'vitest'

import type { ExportPipeline } from '../../src/export/pipeline.ts'
import { droppedOf, emit, expectIdentity, pipelineTo, type HarnessOptions } from '../export/harness.ts'
import { makeCertificates } from '../support/certificates.ts'
import { startGrpcReceiver, type GrpcFault, type GrpcReceiver } from '../support/grpc-receiver.ts'
import { slack } from '../support/machine.ts'
import { startReceiver, type Fault, type Receiver } from '../support/receiver.ts'
import { requireProgram } from '../support/require.ts'
import { scaled } from '../support/scale.ts'

// What is said on stderr is another row's.
vi.mock('node:fs', async (original) => ({ ...(await original<object>()), writeSync: () => 0 }))

const RECORDS = scaled({ pullRequest: 50, full: 500 })
const CLIENTS = 20

/** What became of a case. */
interface Seen {
  readonly tries: number
  /** Of each try, by performance.now. */
  readonly times: readonly number[]
  /** Milliseconds between two tries. */
  readonly gaps: readonly number[]
  /** Different records that the endpoint has taken, and all of them. */
  readonly arrived: number
  readonly taken: number
  readonly delivered: number
  readonly dropped: number
  readonly queued: number
}

interface Peer {
  readonly url: string
  readonly times: () => readonly number[]
  readonly bodies: () => readonly unknown[]
  readonly until: (what: string, condition: () => boolean) => Promise<void>
  readonly close: () => Promise<void>
}

interface Protocol<F> {
  readonly options: HarnessOptions
  /** @param first  what the first request meets; `always`: all of them */
  start(first: F | undefined, always: F | undefined): Promise<Peer>
}

const HTTP: Protocol<Fault> = {
  options: {},
  async start(first, always) {
    const receiver = await startReceiver()
    if (first !== undefined) receiver.failNext(first)
    receiver.fault = always
    return peerOf(receiver, () => receiver.requests)
  },
}

const GRPC: Protocol<GrpcFault> = {
  options: { endpoint: { protocol: 'grpc' } },
  async start(first, always) {
    const receiver = await startGrpcReceiver()
    if (first !== undefined) receiver.failNext(first)
    receiver.fault = always
    return peerOf(receiver, () => receiver.calls)
  },
}

function peerOf(receiver: Receiver | GrpcReceiver, requests: () => readonly { atMillis: number }[]): Peer {
  return {
    url: receiver.url,
    times: () => requests().map(({ atMillis }) => atMillis),
    bodies: () => receiver.receivedLogs.map(({ record }) => record.body),
    until: (what, condition) => receiver.until(what, condition),
    close: () => receiver.close(),
  }
}

/** All records of a case in one request, the answers that it meets, and the end of it. */
async function meet<F>(
  protocol: Protocol<F>,
  { first, always, more = {} }: { first?: F | undefined; always?: F | undefined; more?: HarnessOptions },
): Promise<Seen> {
  const peer = await protocol.start(first, always)
  const pipeline = pipelineTo(peer.url, { ...more, endpoint: { ...protocol.options.endpoint, ...more.endpoint } })
  try {
    emit(pipeline, RECORDS)
    await pipeline.flush()
    return seen(pipeline, peer)
  } finally {
    await pipeline.shutdown({ timeoutMillis: 1 })
    await peer.close()
  }
}

function seen(pipeline: ExportPipeline, peer: Peer): Seen {
  const stats = pipeline.stats()
  expectIdentity(stats)
  const bodies = peer.bodies().filter((body) => typeof body === 'string' && body.startsWith('record '))
  const times = peer.times()
  return {
    tries: times.length,
    times,
    gaps: times.slice(1).map((at, index) => at - (times[index] ?? 0)),
    arrived: new Set(bodies).size,
    taken: bodies.length,
    delivered: stats.logs.delivered,
    dropped: droppedOf(stats.logs),
    queued: stats.logs.queued,
  }
}

const LOST_NOTHING = { arrived: RECORDS, taken: RECORDS, delivered: RECORDS, dropped: 0, queued: 0 }
const REFUSED = { tries: 1, arrived: 0, delivered: 0, dropped: RECORDS, queued: 0 }

/** A case whose records are all there after a second try, no sooner than 100 ms after the first. */
async function expectRetried<F>(protocol: Protocol<F>, first: F): Promise<number> {
  const end = await meet(protocol, { first })
  expect(end).toMatchObject({ ...LOST_NOTHING, tries: 2 })
  const [gap = 0] = end.gaps
  expect(gap).toBeGreaterThanOrEqual(99)
  return gap
}

describe('HTTP', () => {
  test.concurrent.each([429, 502, 503, 504])('%i is tried again: 0 lost', async (status) => {
    await expectRetried(HTTP, { status })
  })

  test.concurrent.each([429, 502, 503, 504])('%i with Retry-After: honoured within 10 %', async (status) => {
    const gap = await expectRetried(HTTP, { status, retryAfter: '1' })
    expect(gap).toBeGreaterThanOrEqual(950)
    expect(gap).toBeLessThan(1000 + slack(250))
  })

  test.concurrent.each(['0', 'soon', '-1', ''])('503 with Retry-After "%s" is tried again soon', async (retryAfter) => {
    const gap = await expectRetried(HTTP, { status: 503, retryAfter })
    expect(gap).toBeLessThan(slack(700))
  })

  test.concurrent('503 with Retry-After as a date is waited for', async () => {
    const retryAfter = new Date(Date.now() + 2_000).toUTCString()
    const { times, ...end } = await meet(HTTP, { first: { status: 503, retryAfter } })
    expect(end).toMatchObject({ ...LOST_NOTHING, tries: 2 })
    const late = performance.timeOrigin + (times[1] ?? 0) - Date.parse(retryAfter)
    expect(late).toBeGreaterThanOrEqual(-50)
    expect(late).toBeLessThan(slack(250))
  })

  test.concurrent('503 with Retry-After 1e9 silences, and loses nothing while it does', async () => {
    const peer = await HTTP.start({ status: 503, retryAfter: '1000000000' }, undefined)
    const pipeline = pipelineTo(peer.url)
    emit(pipeline, RECORDS)
    expect(await pipeline.flush({ timeoutMillis: 1_200 })).toMatchObject({ isComplete: false })
    expect(seen(pipeline, peer)).toMatchObject({ tries: 1, queued: RECORDS, dropped: 0 })
    await pipeline.shutdown({ timeoutMillis: 1 })
    await peer.close()
  })

  test.concurrent.each([300, 301, 302, 307, 308, 400, 401, 403, 404, 405, 408, 500, 501])(
    '%i is final: 1 try, all counted',
    async (status) => {
      expect(await meet(HTTP, { first: { status } })).toMatchObject(REFUSED)
    },
  )

  test.concurrent.each([
    { what: 'at once', first: { cut: 'connected' }, tries: 1 },
    { what: 'when the request has begun', first: { cut: 'begun' }, tries: 1 },
    { what: 'in the middle of the request', first: { cut: 'half' }, tries: 1 },
    { what: 'when it was read', first: { cut: 'read' }, tries: 2 },
    { what: 'with a reset', first: { reset: true }, tries: 2 },
    { what: 'in the head of the answer', first: { cut: 'headed' }, tries: 2 },
  ] satisfies { what: string; first: Fault; tries: number }[])('cut $what: 0 lost', async ({ first, tries }) => {
    expect(await meet(HTTP, { first })).toMatchObject({ ...LOST_NOTHING, tries })
  })

  test.concurrent('cut in the body of a good answer: it was taken, and is not sent twice', async () => {
    expect(await meet(HTTP, { first: { cut: 'answered' } })).toMatchObject({ tries: 1, delivered: RECORDS, dropped: 0 })
  })

  test.concurrent('413 is split until it fits: 0 lost', async () => {
    expect(await meet(HTTP, { always: { maxBytes: 1_000 } })).toMatchObject(LOST_NOTHING)
  })

  test.concurrent('200 with a partial success counts what was refused', async () => {
    const first = { partial: { rejected: 3, message: 'too old' } }
    expect(await meet(HTTP, { first })).toMatchObject({ tries: 1, delivered: RECORDS - 3, dropped: 3 })
  })
})

const RETRYABLE = [1, 4, 10, 11, 14, 15]
const FINAL = [2, 3, 5, 6, 7, 8, 9, 12, 13, 16]

describe('gRPC', () => {
  test.concurrent.each(RETRYABLE)('%i is tried again: 0 lost', async (status) => {
    await expectRetried(GRPC, { status })
  })

  test.concurrent.each([...RETRYABLE, 8])('%i with RetryInfo: honoured within 10 %', async (status) => {
    const gap = await expectRetried(GRPC, { status, retryMillis: 1_000 })
    expect(gap).toBeGreaterThanOrEqual(950)
    expect(gap).toBeLessThan(1000 + slack(250))
  })

  test.concurrent.each([0, -1_000])('14 with a RetryInfo of %i ms is tried again soon', async (retryMillis) => {
    const gap = await expectRetried(GRPC, { status: 14, retryMillis })
    expect(gap).toBeLessThan(slack(400))
  })

  test.concurrent.each(FINAL)('%i is final: 1 try, all counted', async (status) => {
    expect(await meet(GRPC, { first: { status } })).toMatchObject(REFUSED)
  })

  test.concurrent.each(FINAL.filter((code) => code !== 8))(
    '%i with RetryInfo is final all the same',
    async (status) => {
      expect(await meet(GRPC, { first: { status, retryMillis: 1_000 } })).toMatchObject(REFUSED)
    },
  )

  test.concurrent.each([429, 502, 503, 504])('HTTP %i without a status is tried again: 0 lost', async (http) => {
    await expectRetried(GRPC, { http })
  })

  test.concurrent.each([200, 302, 400, 401, 404, 408, 500])('HTTP %i without a status is final', async (http) => {
    expect(await meet(GRPC, { first: { http } })).toMatchObject(REFUSED)
  })

  test.concurrent.each([
    { reset: { code: 7, at: 'begun' } },
    { reset: { code: 7, at: 'half' } },
    { reset: { code: 2, at: 'read' } },
    { reset: { code: 8, at: 'read' } },
    { reset: { code: 2, at: 'answered' } },
    { cut: 'begun' },
    { cut: 'half' },
    { cut: 'read' },
    { cut: 'answered' },
    { goaway: 2 },
  ] satisfies GrpcFault[])('%o: 0 lost', async (first) => {
    await expectRetried(GRPC, first)
  })

  test.concurrent('a connection that is cut at once: 0 lost', async () => {
    expect(await meet(GRPC, { first: { cut: 'connected' } })).toMatchObject({ ...LOST_NOTHING, tries: 1 })
  })

  test.concurrent('a goodbye that lets the call end costs nothing', async () => {
    expect(await meet(GRPC, { first: { goaway: 0 } })).toMatchObject({ ...LOST_NOTHING, tries: 1 })
  })

  test.concurrent('a message that is too large is split until it fits: 0 lost', async () => {
    expect(await meet(GRPC, { always: { maxBytes: 1_000 } })).toMatchObject(LOST_NOTHING)
  })

  test.concurrent('0 with a partial success counts what was refused', async () => {
    const first = { partial: { rejected: 3, message: 'too old' } }
    expect(await meet(GRPC, { first })).toMatchObject({ tries: 1, delivered: RECORDS - 3, dropped: 3 })
  })
})

describe('many clients that failed together', () => {
  test.each([
    { name: 'HTTP', start: () => HTTP.start(undefined, { status: 503 }), options: HTTP.options },
    { name: 'gRPC', start: () => GRPC.start(undefined, { status: 14 }), options: GRPC.options },
  ])('come back apart from each other ($name)', async ({ start, options }) => {
    const peers = await Promise.all(Array.from({ length: CLIENTS }, start))
    const pipelines = peers.map(({ url }) => pipelineTo(url, options))
    for (const pipeline of pipelines) emit(pipeline, 1)
    await Promise.all(peers.map((peer) => peer.until('three tries', () => peer.times().length >= 3)))
    const waits = peers.map((peer) => (peer.times()[2] ?? 0) - (peer.times()[0] ?? 0))
    const mean = waits.reduce((sum, wait) => sum + wait, 0) / CLIENTS
    expect((Math.max(...waits) - Math.min(...waits)) / mean).toBeGreaterThanOrEqual(0.3)
    for (const peer of peers) {
      const [first = 0, second = 0, third = 0] = peer.times()
      expect(Math.min(second - first, third - second)).toBeGreaterThanOrEqual(99)
    }
    await Promise.all(pipelines.map((pipeline) => pipeline.shutdown({ timeoutMillis: 1 })))
    await Promise.all(peers.map((peer) => peer.close()))
  })
})

describe('TLS that fails', () => {
  const servers: Server[] = []
  afterAll(() => {
    for (const server of servers) server.close().closeAllConnections()
  })

  requireProgram('openssl').each(['http/protobuf', 'grpc'] as const)(
    'keeps everything, asks again no sooner than after 100 ms, and delivers nothing to a stranger (%s)',
    async (protocol) => {
      const folder = mkdtempSync(join(tmpdir(), 'tracelog-tls-'))
      onTestFinished(() => rmSync(folder, { recursive: true }))
      const { cert, key } = makeCertificates(folder)
      const server = createServer({ cert: readFileSync(cert), key: readFileSync(key) })
      servers.push(server)
      const attempts: number[] = []
      let requests = 0
      server.on('connection', () => attempts.push(performance.now()))
      server.on('request', () => requests++)
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
      const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`
      const pipeline = pipelineTo(url, { endpoint: { protocol } })
      emit(pipeline, RECORDS)
      expect(await pipeline.flush({ timeoutMillis: 1_000 })).toMatchObject({ isComplete: false })
      expect(pipeline.stats().logs).toMatchObject({ delivered: 0, queued: RECORDS })
      expectIdentity(pipeline.stats())
      expect(requests).toBe(0)
      expect(attempts.length).toBeGreaterThanOrEqual(2)
      const gaps = attempts.slice(1).map((at, index) => at - (attempts[index] ?? 0))
      expect(Math.min(...gaps)).toBeGreaterThanOrEqual(99)
      await pipeline.shutdown({ timeoutMillis: 1 })
    },
  )
})
