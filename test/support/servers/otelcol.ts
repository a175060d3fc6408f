/**
 * A real OpenTelemetry Collector on loopback, run with the files of collector/ as a user would: addresses by environment.
 */
import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

import { freePorts } from './free-port.ts'
import { findServer } from './program.ts'
import { isOk, startServer, type ServerProcess } from './server-process.ts'

export const COLLECTOR_FOLDER: string = new URL('../../../collector', import.meta.url).pathname

/** As compose and the Kubernetes manifests start it: without the gate a kill -9 loses lines that file_log has noted. */
export const FEATURE_GATES = '--feature-gates=stanza.synchronousLogEmitter'

export interface OtelcolOptions {
  /** Below collector/, or absolute; later ones are merged over earlier ones. For example `['standalone.yaml']`. */
  readonly configs: readonly string[]
  /** Everything it keeps: queue, offsets, aggregate. Give the same one to start it again. */
  readonly folder: string
  /** Added to the addresses below: TRACELOG_LOKI, TRACELOG_TEMPO, ... */
  readonly env?: Readonly<Record<string, string>>
}

export interface Otelcol extends ServerProcess {
  /** For OTEL_EXPORTER_OTLP_ENDPOINT. */
  readonly httpUrl: string
  readonly grpcUrl: string
  readonly healthUrl: string
  /** Prometheus text of its own metrics. */
  readonly metricsUrl: string
  /** The single aggregated file, OTLP JSON. */
  readonly aggregateFile: string
  /** The requests that the file exporter has written so far, parsed. */
  aggregate(): readonly Record<string, unknown>[]
  /** The environment it runs with, ports included: start another one with it to stand where this one stood. */
  readonly env: Readonly<Record<string, string>>
}

/** @throws Error when the program cannot be had: use `requireServers('otelcol')` */
export async function startOtelcol({ configs, folder, env = {} }: OtelcolOptions): Promise<Otelcol> {
  const program = findServer('otelcol')
  if (program === undefined) throw new Error('otelcol cannot be had here')
  mkdirSync(folder, { recursive: true })
  const [http, grpc, health, metrics, self] = await freePorts(5)
  const aggregateFile = join(folder, 'aggregate', 'logs.jsonl')
  const full: Record<string, string> = {
    TRACELOG_OTLP_HTTP: `127.0.0.1:${http}`,
    TRACELOG_OTLP_GRPC: `127.0.0.1:${grpc}`,
    TRACELOG_HEALTH: `127.0.0.1:${health}`,
    TRACELOG_METRICS_HOST: '127.0.0.1',
    TRACELOG_METRICS_PORT: String(metrics),
    TRACELOG_SELF: `127.0.0.1:${self}`,
    TRACELOG_DATA: join(folder, 'data'),
    TRACELOG_AGGREGATE: aggregateFile,
    ...env,
  }
  const healthUrl = `http://${full['TRACELOG_HEALTH']}`
  const server = await startServer({
    name: 'otelcol',
    program,
    args: [FEATURE_GATES, ...configs.flatMap((file) => ['--config', configPath(file)])],
    env: full,
    isReady: () => isOk(healthUrl),
  })
  return {
    ...server,
    env: full,
    httpUrl: `http://${full['TRACELOG_OTLP_HTTP']}`,
    grpcUrl: `http://${full['TRACELOG_OTLP_GRPC']}`,
    healthUrl,
    metricsUrl: `http://127.0.0.1:${full['TRACELOG_METRICS_PORT']}/metrics`,
    aggregateFile: full['TRACELOG_AGGREGATE']!,
    aggregate: () => readJsonLines(full['TRACELOG_AGGREGATE']!),
  }
}

function configPath(file: string): string {
  return file.startsWith('/') ? file : join(COLLECTOR_FOLDER, file)
}

/** Whole lines only: the last one may still be written. */
function readJsonLines(file: string): readonly Record<string, unknown>[] {
  if (!existsSync(file)) return []
  const lines = readFileSync(file, 'utf8').split('\n').slice(0, -1)
  return lines.map((line) => JSON.parse(line) as Record<string, unknown>)
}
