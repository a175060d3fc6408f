/**
 * Sends batches, wherever it runs: in the export worker, or in the main thread where there can be none.
 *
 * One transport per lane: a file's is made at its first batch, the others at once. Each batch gets exactly one outcome.
 */
import { monotonicMillis } from '../../diag/clock.ts'
import { requestOf } from '../../model/encoded-batch.ts'
import { keyOf, type LaneSpec } from '../lane-spec.ts'
import type { WantedFollower } from '../wanted/wanted-follower.ts'
import { createWantedFollower } from '../wanted/wanted-follower.ts'
import type { WantedNews } from '../wanted/wanted-news.ts'
import { createEndpointTransport } from '../transports/endpoint.ts'
import { createPackageTransport } from '../transports/sdk-package.ts'
import { createFileTransport } from '../transports/file.ts'
import { TRIES } from '../transports/retry-policy.ts'
import { retrying } from '../transports/retrying.ts'
import type { Answer } from '../transports/answer.ts'
import { RequestMemory } from '../request-memory.ts'
import type { ExportRequest, Transport } from '../transports/transport.ts'
import type { Outcome, SenderConfig, SentBatch } from './protocol.ts'

export interface Sender {
  /** Never rejects. */
  send(sent: SentBatch): Promise<Outcome>
  /** One try of a request that is not a batch of this process: what the spool had. Never rejects. */
  sendRequest(lane: string, request: ExportRequest): Promise<Answer>
  /** Somebody waits in flush(). */
  settle(): void
  /** The process ends: no pause above 100 ms, no new try after `millis`. */
  hurry(millis: number): void
  stop(): void
}

/** How one lane's destination is asked. */
interface Way {
  /** One try. */
  readonly once: Transport
  /** Several, where that is of use. */
  readonly patient: Transport
  /** Of one try. Milliseconds. */
  readonly timeoutMillis: number
}

/** @param tell  of requests that have failed elsewhere, where `config` wants to know */
export function createPlainSender(config: SenderConfig, tell: (news: WantedNews) => void): Sender {
  const specs = new Map(config.lanes.map((spec) => [keyOf(spec), spec]))
  const ways = new Map<string, Way>()
  const follower = config.followsFailures ? createWantedFollower({ ...config, tell }) : undefined
  const memory = new RequestMemory()
  let hurryMillis: number | undefined
  const wayOf = (lane: string): Way | undefined => {
    const known = ways.get(lane)
    if (known !== undefined) return known
    const way = createWay(specs.get(lane), config.userAgent, follower)
    if (way === undefined) return undefined
    if (hurryMillis !== undefined) way.patient.hurry(hurryMillis)
    ways.set(lane, way)
    return way
  }
  // What asks an endpoint is loaded before the worker says that it runs: the end of a process waits longer for that than for answers.
  for (const [lane, { to }] of specs) if (to.kind !== 'file') wayOf(lane)
  return {
    send: async ({ id, lane, batch, isProbe }) => {
      const way = wayOf(lane)
      if (way === undefined) return { id, lane, kind: 'rejected', reason: `no lane is called ${lane}` }
      const { once, patient, timeoutMillis } = way
      const request: ExportRequest = { signal: batch.signal, bytes: requestOf(batch, (size) => memory.take(size)) }
      const answer = isProbe
        ? await once.send(request, monotonicMillis() + timeoutMillis)
        : await patient.send(request, Infinity)
      if (request.isReleased === true) memory.giveBack(request.bytes)
      return { id, lane, ...answer }
    },
    sendRequest: async (lane, request) => {
      const way = wayOf(lane)
      if (way === undefined) return { kind: 'rejected', reason: `no lane is called ${lane}` }
      return way.once.send(request, monotonicMillis() + way.timeoutMillis)
    },
    settle: () => {},
    hurry: (millis) => {
      hurryMillis = millis
      for (const way of ways.values()) way.patient.hurry(millis)
    },
    stop: () => {
      follower?.stop()
      for (const way of ways.values()) way.patient.stop()
    },
  }
}

function createWay(
  spec: LaneSpec | undefined,
  userAgent: string,
  follower: WantedFollower | undefined,
): Way | undefined {
  switch (spec?.to.kind) {
    case 'otlp': {
      const { endpoint } = spec.to
      const { timeoutMillis } = endpoint
      const once = createEndpointTransport(
        endpoint,
        userAgent,
        follower && ((headers) => follower.heard(endpoint, headers)),
      )
      return { once, patient: retrying(once, { tries: TRIES, timeoutMillis }), timeoutMillis }
    }
    case 'file': {
      const once = createFileTransport(spec.to.file)
      return { once, patient: once, timeoutMillis: 0 }
    }
    case 'sdk': {
      const { timeoutMillis } = spec.to.sdk
      const once = createPackageTransport(spec.to.sdk)
      return { once, patient: retrying(once, { tries: TRIES, timeoutMillis }), timeoutMillis }
    }
    default:
      return undefined
  }
}
