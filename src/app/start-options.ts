/**
 * What code may say instead of the environment: each option is one variable, so that there is one set of rules for both. Objects,
 * which no variable can hold, stand beside them.
 */
import { invalid, type Env } from '../config/env.ts'
import type { SdkExporter } from '../model/sdk-types.ts'
import type { LogRecordProcessor, SpanProcessor } from '../record/processors.ts'

export type ExporterName = 'otlp' | 'console' | 'file' | 'zipkin' | 'none'

/** What no text of the environment can say. */
export interface GivenObjects {
  /** Shown every record that leaves, after secrets are hidden; what they change is what leaves. */
  readonly logRecordProcessors?: readonly LogRecordProcessor[]
  /** Shown every span that is recorded. */
  readonly spanProcessors?: readonly SpanProcessor[]
  /** The SDK's LogRecordExporters and SpanExporters: each is a way out of its own, beside those that are configured. */
  readonly exporters?: { readonly logs?: readonly SdkExporter[]; readonly spans?: readonly SdkExporter[] }
}

/** Everything is optional; what is left out comes from the environment. */
export interface StartOptions extends GivenObjects {
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
  readonly logsExporters?: readonly Exclude<ExporterName, 'zipkin'>[]
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

/**
 * The objects alone.
 *
 * @throws TRACELOG_CONFIG_INVALID for what is no processor or exporter
 */
export function objectsOf({ logRecordProcessors = [], spanProcessors = [], exporters }: StartOptions): GivenObjects {
  check('logRecordProcessors', logRecordProcessors, ['onEmit', 'forceFlush', 'shutdown'])
  check('spanProcessors', spanProcessors, ['onStart', 'onEnd', 'forceFlush', 'shutdown'])
  for (const signal of ['logs', 'spans'] as const) {
    check(`exporters.${signal}`, exporters?.[signal] ?? [], ['export', 'shutdown'])
  }
  return { logRecordProcessors, spanProcessors, ...(exporters && { exporters }) }
}

function check(name: string, list: unknown, methods: readonly string[]): void {
  const rule = `a list of objects with the methods ${methods.join(', ')}`
  if (!Array.isArray(list)) throw invalid(name, typeof list, rule)
  for (const [index, each] of list.entries()) {
    const missing = methods.find((method) => typeof (each as Record<string, unknown> | null)?.[method] !== 'function')
    if (missing !== undefined) throw invalid(`${name}[${index}]`, `an object without ${missing}`, rule)
  }
}
