/**
 * Logs out of Loki, spans out of Tempo: the LogSource of the stack (docker compose, or your own).
 *
 * What Loki cannot give back is not made up: sql, format=otlp and facets over any key are not supported by this source.
 */
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
}

/** Answers logs, requests, trace and tail; asks nobody before it is asked. */
export function createLokiSource({ lokiUrl, tempoUrl, headers }: LokiSourceOptions): LogSource {
  const loki: StackServer = { name: 'Loki', url: lokiUrl, headers }
  const tempo: StackServer | undefined = tempoUrl === undefined ? undefined : { name: 'Tempo', url: tempoUrl, headers }
  return createSource('loki', {
    logs: (query) => lokiLogsPage(loki, query),
    requests: (query) => lokiRequestsPage({ loki, tempo }, query),
    trace: (idOrPrefix) => lokiTrace({ loki, tempo }, idOrPrefix),
    tail: (text, options) => lokiTail(loki, text, options),
  })
}
