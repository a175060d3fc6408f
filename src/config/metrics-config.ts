/**
 * Whether metrics are measured, how often they are sent, and where: OTEL_METRICS_EXPORTER and what belongs to it.
 *
 * Source: OpenTelemetry specification, "Metrics SDK", "OpenTelemetry Protocol Exporter" and "Environment Variable Specification".
 */
import type { OtlpEndpoint } from '../export/otlp-endpoint.ts'
import { invalid, readChoice, readInteger, readText, type Env } from './env.ts'
import { readOtlpEndpoint } from './otlp-config.ts'
import type { ProblemCollector } from './problems.ts'

const DEFAULT_INTERVAL_MILLIS = 60_000
const PROMETHEUS_HOST = '127.0.0.1'
const PROMETHEUS_PORT = 9464
const EXPORTERS = ['otlp', 'console', 'prometheus', 'none'] as const
const TEMPORALITIES = ['cumulative', 'delta', 'lowmemory'] as const
const HISTOGRAMS = ['explicit_bucket_histogram', 'base2_exponential_bucket_histogram'] as const

export interface MetricsConfig {
  readonly exporter: Exclude<(typeof EXPORTERS)[number], 'none'>
  readonly endpoint: OtlpEndpoint
  /** Where `prometheus` is asked. Port 0: any that is free. */
  readonly prometheus: { readonly host: string; readonly port: number }
  readonly intervalMillis: number
  readonly temporality: (typeof TEMPORALITIES)[number]
  readonly histogram: (typeof HISTOGRAMS)[number]
}

/** Never throws: problems go to the collector. @returns `undefined`: nothing is measured */
export function readMetrics(env: Env, problems: ProblemCollector): MetricsConfig | undefined {
  const exporter = problems.attempt(() => readChoice(env, 'OTEL_METRICS_EXPORTER', EXPORTERS)) ?? 'none'
  const config = {
    endpoint: readEndpoint(env, problems),
    prometheus: readPrometheus(env, problems),
    intervalMillis:
      problems.attempt(() => readInteger(env, 'OTEL_METRIC_EXPORT_INTERVAL', { min: 1, max: 86_400_000 })) ??
      DEFAULT_INTERVAL_MILLIS,
    ...readForm(env, problems),
  }
  if (exporter === 'none') return undefined
  // Its text knows sums since the start and buckets with bounds.
  if (exporter === 'prometheus') return { ...config, exporter, temporality: 'cumulative', histogram: HISTOGRAMS[0] }
  return { ...config, exporter }
}

function readForm(env: Env, problems: ProblemCollector): Pick<MetricsConfig, 'temporality' | 'histogram'> {
  return {
    temporality:
      problems.attempt(() => readLower(env, 'OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE', TEMPORALITIES)) ??
      'cumulative',
    histogram:
      problems.attempt(() => readLower(env, 'OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION', HISTOGRAMS)) ??
      'explicit_bucket_histogram',
  }
}

function readPrometheus(env: Env, problems: ProblemCollector): MetricsConfig['prometheus'] {
  const range = { min: 0, max: 65_535 }
  return {
    host: readText(env, 'OTEL_EXPORTER_PROMETHEUS_HOST') ?? PROMETHEUS_HOST,
    port: problems.attempt(() => readInteger(env, 'OTEL_EXPORTER_PROMETHEUS_PORT', range)) ?? PROMETHEUS_PORT,
  }
}

/** The specification's values of these are not case-sensitive. */
function readLower<T extends string>(env: Env, name: string, choices: readonly T[]): T | undefined {
  return readChoice({ [name]: readText(env, name)?.toLowerCase() }, name, choices)
}

/** What was measured is encoded once, as protobuf: it is not written anew as JSON. */
function readEndpoint(env: Env, problems: ProblemCollector): OtlpEndpoint {
  const endpoint = readOtlpEndpoint(env, 'metrics', problems)
  if (endpoint.protocol !== 'http/json') return endpoint
  problems.attempt(() => {
    if (readText(env, 'OTEL_EXPORTER_OTLP_METRICS_PROTOCOL') === 'http/json')
      throw invalid('OTEL_EXPORTER_OTLP_METRICS_PROTOCOL', 'http/json', 'one of http/protobuf, grpc')
  })
  return { ...endpoint, protocol: 'http/protobuf' }
}
