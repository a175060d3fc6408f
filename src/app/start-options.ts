/**
 * What code may say instead of the environment: each option is one variable, so that there is one set of rules for both.
 */
import type { Env } from '../config/env.ts'

export type ExporterName = 'otlp' | 'console' | 'file' | 'none'

/** Everything is optional; what is left out comes from the environment. */
export interface StartOptions {
  /** OTEL_SERVICE_NAME */
  readonly serviceName?: string
  /** OTEL_RESOURCE_ATTRIBUTES; over those of the environment, key by key. */
  readonly resourceAttributes?: Readonly<Record<string, string>>
  /** TRACELOG_LEVEL, as `info` or `info,db=debug`. */
  readonly level?: string
  /** OTEL_EXPORTER_OTLP_ENDPOINT */
  readonly endpoint?: string
  /** OTEL_EXPORTER_OTLP_HEADERS; instead of those of the environment. */
  readonly headers?: Readonly<Record<string, string>>
  /** OTEL_EXPORTER_OTLP_PROTOCOL */
  readonly protocol?: 'http/protobuf' | 'http/json' | 'grpc'
  /** OTEL_LOGS_EXPORTER */
  readonly logsExporters?: readonly ExporterName[]
  /** OTEL_TRACES_EXPORTER */
  readonly tracesExporters?: readonly Exclude<ExporterName, 'file'>[]
  /** TRACELOG_FILE */
  readonly file?: string
  /** TRACELOG_QUEUE_MAX_BYTES */
  readonly queueMaxBytes?: number
  /** TRACELOG_COMPONENT */
  readonly component?: 'load_balancer' | 'http_server' | 'cache' | 'client' | 'app'
}

/** The variables that the options stand for. Options that are `undefined` are left out. */
export function envOf(options: StartOptions, env: Env = {}): Env {
  const variables: Record<string, string | undefined> = {
    OTEL_SERVICE_NAME: options.serviceName,
    OTEL_RESOURCE_ATTRIBUTES: pairs(options.resourceAttributes, env['OTEL_RESOURCE_ATTRIBUTES']),
    TRACELOG_LEVEL: options.level,
    OTEL_EXPORTER_OTLP_ENDPOINT: options.endpoint,
    OTEL_EXPORTER_OTLP_HEADERS: pairs(options.headers),
    OTEL_EXPORTER_OTLP_PROTOCOL: options.protocol,
    OTEL_LOGS_EXPORTER: options.logsExporters?.join(','),
    OTEL_TRACES_EXPORTER: options.tracesExporters?.join(','),
    TRACELOG_FILE: options.file,
    TRACELOG_QUEUE_MAX_BYTES: options.queueMaxBytes?.toString(),
    TRACELOG_COMPONENT: options.component,
  }
  return Object.fromEntries(Object.entries(variables).filter(([, value]) => value !== undefined))
}

/** `key=value,...` after what was there: of equal keys the last one counts. */
function pairs(values: Readonly<Record<string, string>> | undefined, before?: string): string | undefined {
  if (values === undefined) return undefined
  const written = Object.entries(values).map(
    ([key, value]) => `${encodeURIComponent(key)}=${encodeURIComponent(value)}`,
  )
  return [...(before === undefined ? [] : [before]), ...written].join(',')
}
