/**
 * Logs out of Loki, spans out of Tempo: the LogSource of the stack (docker compose, or your own).
 *
 * What Loki cannot give back is not made up: sql, format=otlp and facets over any key are not supported by this source.
 */
import { comparing } from './compare.ts'
import { createSource } from './create-source.ts'
import type { StackServer } from './stack-client.ts'
import type { LogSource } from './log-source.ts'
import { lokiLogsPage } from './loki/logs-page.ts'
import { lokiRequestsPage } from './loki/requests-page.ts'
import { lokiTail } from './loki/tail.ts'
import { lokiTrace } from './loki/trace.ts'

export interface LokiSourceOptions {
  /** Its API, without a path of the API: `http://127.0.0.1:3100`. */
  readonly lokiUrl: string
  /** Tempo's; undefined: there is none, trees are made of records alone. */
  readonly tempoUrl: string | undefined
  /** Sent to both: authorization, tenant. */
  readonly headers: Readonly<Record<string, string>>
  /** A search over days takes seconds: whoever waits may want to know. */
  readonly lookBack?: LookBack | undefined
}

/** What a search over days tells of itself. */
export interface LookBack {
  /** It looks further back now, from then on. Nanoseconds since the epoch. */
  to(from: bigint): void
  /** The answer is there, or an error is. */
  end(): void
}

/** Answers logs, requests, trace and tail; asks nobody before it is asked. */
export function createLokiSource({ lokiUrl, tempoUrl, headers, lookBack }: LokiSourceOptions): LogSource {
  const loki: StackServer = { name: 'Loki', url: lokiUrl, headers, onLookBack: (from) => lookBack?.to(from) }
  const tempo: StackServer | undefined = tempoUrl === undefined ? undefined : { name: 'Tempo', url: tempoUrl, headers }
  const told = <T>(answer: Promise<T>): Promise<T> => answer.finally(() => lookBack?.end())
  return createSource('loki', {
    ...comparing({
      requests: (query) => told(lokiRequestsPage({ loki, tempo }, query)),
      trace: (idOrPrefix) => told(lokiTrace({ loki, tempo }, idOrPrefix)),
    }),
    logs: (query) => told(lokiLogsPage(loki, query)),
    tail: (text, options) => lokiTail(loki, text, options),
  })
}
