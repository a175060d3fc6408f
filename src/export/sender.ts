/**
 * Sends requests, wherever it runs: in the export worker, or in the main thread where there can be none.
 *
 * One OTLP/HTTP client per signal, one file. Each request gets exactly one outcome.
 */
import { linesOf } from './file-lines.ts'
import { createFileSink, type FileSink } from './file-sink.ts'
import { jsonBodyOf } from './json-body.ts'
import { createOtlpHttpClient, type Answer, type OtlpHttpClient } from './otlp-http.ts'
import type { OtlpEndpoint } from './otlp-endpoint.ts'
import type { ExportRequest, Outcome, SenderConfig, Signal } from './worker-protocol.ts'

export interface Sender {
  /** Never rejects. */
  send(request: ExportRequest): Promise<Outcome>
  /** The process ends: no pause above 100 ms, no new try after `millis`. */
  hurry(millis: number): void
  stop(): void
}

export function createSender(config: SenderConfig): Sender {
  const clients: Partial<Record<Signal, OtlpHttpClient>> = {}
  const begun = (client: OtlpHttpClient) => {
    if (hurryMillis !== undefined) client.hurry(hurryMillis)
    return client
  }
  const clientOf = (signal: Signal) =>
    (clients[signal] ??= begun(clientFor(signal === 'logs' ? config.logs : config.traces, config.userAgent)))
  let file: FileSink | undefined
  let hurryMillis: number | undefined
  const all = () => Object.values(clients)
  return {
    async send(request) {
      if (request.destination === 'otlp') return { id: request.id, ...(await clientOf(request.signal).send(request)) }
      if (config.file === undefined) return { id: request.id, kind: 'rejected', reason: 'no file is configured' }
      file ??= createFileSink(config.file)
      return { id: request.id, ...writeTo(file, config.file.path, linesOf(request.bytes, config.file)) }
    },
    hurry: (millis) => {
      hurryMillis = millis
      for (const client of all()) client.hurry(millis)
    },
    stop: () => {
      for (const client of all()) client.stop()
      file?.stop()
    },
  }
}

function clientFor(endpoint: OtlpEndpoint, userAgent: string): OtlpHttpClient {
  return createOtlpHttpClient({ endpoint, userAgent, toBody: toBodyOf(endpoint) })
}

function toBodyOf(endpoint: OtlpEndpoint): (request: ExportRequest) => Uint8Array {
  return endpoint.protocol === 'http/json' ? jsonBodyOf : ({ bytes }) => bytes
}

function writeTo(file: FileSink, path: string, lines: readonly string[]): Answer {
  const { lost, reason } = file.write(lines)
  return lost === 0 ? { kind: 'delivered' } : { kind: 'partial', rejected: lost, message: `${path} (${reason})` }
}
