/**
 * Sends requests, wherever it runs: in the export worker, or in the main thread where there can be none.
 *
 * One endpoint per signal, one file. Each request gets exactly one outcome.
 */
import { monotonicMillis } from '../diag/clock.ts'
import type { OtlpEndpoint } from './otlp-endpoint.ts'
import { createEndpointTransport } from './transports/endpoint.ts'
import { createFileTransport } from './transports/file.ts'
import { retrying } from './transports/retrying.ts'
import { TRIES } from './transports/retry-policy.ts'
import type { Transport } from './transports/transport.ts'
import type { Outcome, SenderConfig, SentRequest } from './worker-protocol.ts'

export interface Sender {
  /** Never rejects. */
  send(request: SentRequest): Promise<Outcome>
  /** The process ends: no pause above 100 ms, no new try after `millis`. */
  hurry(millis: number): void
  stop(): void
}

/** A transport, and how long one try of it may take. */
interface Way {
  /** Milliseconds. */
  readonly timeoutMillis: number
  readonly once: Transport
  readonly patient: Transport
}

export function createSender(config: SenderConfig): Sender {
  const ways = new Map<string, Way>()
  let hurryMillis: number | undefined
  const wayOf = ({ destination, signal }: SentRequest): Way | undefined => {
    const name = destination === 'file' ? 'file' : signal
    const known = ways.get(name)
    if (known !== undefined) return known
    const way =
      destination === 'file' ? wayToFile(config) : wayTo(signal === 'logs' ? config.logs : config.traces, config)
    if (way === undefined) return undefined
    if (hurryMillis !== undefined) way.patient.hurry(hurryMillis)
    ways.set(name, way)
    return way
  }
  return {
    send: async (request) => {
      const { id } = request
      const way = wayOf(request)
      if (way === undefined) return { id, kind: 'rejected', reason: 'no file is configured' }
      if (request.isProbe) return { id, ...(await way.once.send(request, monotonicMillis() + way.timeoutMillis)) }
      return { id, ...(await way.patient.send(request, Infinity)) }
    },
    hurry: (millis) => {
      hurryMillis = millis
      for (const way of ways.values()) way.patient.hurry(millis)
    },
    stop: () => {
      for (const way of ways.values()) way.patient.stop()
    },
  }
}

function wayTo(endpoint: OtlpEndpoint, { userAgent }: SenderConfig): Way {
  const once = createEndpointTransport(endpoint, userAgent)
  const { timeoutMillis } = endpoint
  return { timeoutMillis, once, patient: retrying(once, { tries: TRIES, timeoutMillis }) }
}

function wayToFile({ file }: SenderConfig): Way | undefined {
  if (file === undefined) return undefined
  const once = createFileTransport(file)
  return { timeoutMillis: 0, once, patient: once }
}
