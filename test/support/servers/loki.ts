/** A real Loki on loopback with collector/loki.yaml. Ready after about 10 s (its ring), so share one per test file. */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'

import { freePorts } from './free-port.ts'
import { COLLECTOR_FOLDER } from './otelcol.ts'
import { findServer } from './program.ts'
import { startServer, statusOf, type ServerProcess } from './server-process.ts'

export interface Loki extends ServerProcess {
  /** Its HTTP API, without a path. */
  readonly url: string
  /** For TRACELOG_LOKI of the Collector. */
  readonly otlpUrl: string
  readonly env: Readonly<Record<string, string>>
}

export interface LokiOptions {
  /** Count before the file: limits that a test wants otherwise. */
  readonly flags?: readonly string[]
  /** Of its `/ready`: 200 is default; 503 means that it listens and is starting. */
  readonly untilStatus?: number
}

/** @param env  what a Loki before had, to stand where it stood; or settings such as LOKI_AUTH */
export async function startLoki(
  folder: string,
  env: Readonly<Record<string, string>> = {},
  { flags = [], untilStatus = 200 }: LokiOptions = {},
): Promise<Loki> {
  const program = findServer('loki')
  if (program === undefined) throw new Error('loki cannot be had here')
  mkdirSync(folder, { recursive: true })
  const [port, grpc] = await freePorts(2)
  const full: Record<string, string> = {
    LOKI_ADDR: '127.0.0.1',
    LOKI_PORT: String(port),
    LOKI_GRPC_PORT: String(grpc),
    LOKI_DATA: folder,
    ...env,
  }
  const url = `http://127.0.0.1:${full['LOKI_PORT']}`
  const server = await startServer({
    name: 'loki',
    program,
    args: [...lokiArguments(join(COLLECTOR_FOLDER, 'loki.yaml')), ...flags],
    env: full,
    isReady: async () => (await statusOf(`${url}/ready`)) === untilStatus,
  })
  return { ...server, env: full, url, otlpUrl: `${url}/otlp` }
}

/** As compose starts it: a test compares the two. */
export function lokiArguments(file: string): readonly string[] {
  return [`-config.file=${file}`, '-config.expand-env=true']
}

export interface LokiLine {
  /** Labels and structured metadata, under Loki's names. */
  readonly stream: Readonly<Record<string, string>>
  /** Nanoseconds since the epoch. */
  readonly time: bigint
  readonly line: string
}

export interface LokiQuestion {
  /** LogQL. */
  readonly query: string
  /** Of query_range: `limit`, `start`, `end`, `direction`. Default: Loki's, the last hour. */
  readonly parameters?: Readonly<Record<string, string>>
  /** Sent as X-Scope-OrgID. */
  readonly tenant?: string | undefined
}

/** What Loki itself has, past all of our code. @throws with its words when it does not answer 200 */
export async function askLoki(url: string, { query, parameters, tenant }: LokiQuestion): Promise<LokiLine[]> {
  const form = new URLSearchParams({ query, ...parameters })
  const headers = tenant === undefined ? {} : { 'x-scope-orgid': tenant }
  const response = await fetch(`${url}/loki/api/v1/query_range?${form.toString()}`, { headers })
  if (!response.ok) throw new Error(`Loki answers ${response.status}: ${await response.text()}`)
  const { data } = (await response.json()) as LokiAnswer
  return data.result.flatMap(({ stream, values }) =>
    values.map(([time, line]) => ({ stream, time: BigInt(time), line })),
  )
}

interface LokiAnswer {
  readonly data: {
    readonly result: readonly {
      readonly stream: LokiLine['stream']
      readonly values: readonly (readonly [time: string, line: string])[]
    }[]
  }
}
