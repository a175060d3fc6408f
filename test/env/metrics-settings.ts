/** OpenTelemetry's variables of metrics. */
import type { AppConfig } from '../../src/config/app-config.ts'
import type { Setting } from './setting.ts'

const SEEN = 'env/metrics.test.ts'
const EXPORTERS = 'app/metrics-exporters.test.ts'
const ON = { OTEL_METRICS_EXPORTER: 'otlp' }
type Endpoint = NonNullable<AppConfig['metrics']>['endpoint']

const named = (name: string): string => `OTEL_EXPORTER_OTLP_METRICS_${name}`
const of =
  (key: keyof Endpoint): Setting['of'] =>
  ({ metrics }) =>
    metrics?.endpoint[key]

/** The signal's own count before the general ones. */
const ENDPOINT: readonly Setting[] = [
  {
    name: named('ENDPOINT'),
    of: of('url'),
    beside: { ...ON, OTEL_EXPORTER_OTLP_ENDPOINT: 'http://all.example' },
    values: [
      [undefined, 'http://all.example/v1/metrics'],
      ['http://own.example/in', 'http://own.example/in'],
    ],
    wrong: ['ftp://x', 'an http:// or https:// URL, as http://127.0.0.1:4318'],
    seenIn: SEEN,
  },
  {
    name: named('PROTOCOL'),
    of: of('protocol'),
    beside: ON,
    values: [
      [undefined, 'http/protobuf'],
      ['grpc', 'grpc'],
    ],
    wrong: ['http/json', 'one of http/protobuf, grpc'],
    seenIn: SEEN,
  },
  {
    name: named('HEADERS'),
    of: of('headers'),
    beside: { ...ON, OTEL_EXPORTER_OTLP_HEADERS: 'x=1' },
    values: [['x=2,y=3', { x: '2', y: '3' }]],
    wrong: ['secret', 'a list of key=value pairs, separated by commas', '...'],
    seenIn: SEEN,
  },
  {
    name: named('TIMEOUT'),
    of: of('timeoutMillis'),
    beside: ON,
    values: [['250', 250]],
    wrong: ['0', 'a whole number from 1 to 3600000'],
    seenIn: SEEN,
  },
  {
    name: named('COMPRESSION'),
    of: of('compression'),
    beside: ON,
    values: [['gzip', 'gzip']],
    wrong: ['zip', 'one of none, gzip, zstd'],
    seenIn: SEEN,
  },
]

export const METRICS_SETTINGS: readonly Setting[] = [
  {
    name: 'OTEL_METRICS_EXPORTER',
    of: ({ metrics }) => metrics?.exporter,
    values: [
      [undefined, undefined],
      ['otlp', 'otlp'],
      ['console', 'console'],
      ['prometheus', 'prometheus'],
      ['none', undefined],
    ],
    wrong: ['zipkin', 'one of otlp, console, prometheus, none'],
    seenIn: SEEN,
  },
  {
    name: 'OTEL_EXPORTER_PROMETHEUS_HOST',
    of: ({ metrics }) => metrics?.prometheus.host,
    beside: { OTEL_METRICS_EXPORTER: 'prometheus' },
    values: [
      [undefined, '127.0.0.1'],
      ['0.0.0.0', '0.0.0.0'],
    ],
    seenIn: EXPORTERS,
  },
  {
    name: 'OTEL_EXPORTER_PROMETHEUS_PORT',
    of: ({ metrics }) => metrics?.prometheus.port,
    beside: { OTEL_METRICS_EXPORTER: 'prometheus' },
    values: [
      [undefined, 9464],
      ['0', 0],
    ],
    wrong: ['65536', 'a whole number from 0 to 65535'],
    seenIn: EXPORTERS,
  },
  {
    name: 'OTEL_METRIC_EXPORT_INTERVAL',
    of: ({ metrics }) => metrics?.intervalMillis,
    beside: ON,
    values: [
      [undefined, 60_000],
      ['250', 250],
    ],
    wrong: ['0', 'a whole number from 1 to 86400000'],
    seenIn: SEEN,
  },
  {
    name: named('TEMPORALITY_PREFERENCE'),
    of: ({ metrics }) => metrics?.temporality,
    beside: ON,
    values: [
      [undefined, 'cumulative'],
      ['Delta', 'delta'],
      ['lowmemory', 'lowmemory'],
    ],
    wrong: ['sometimes', 'one of cumulative, delta, lowmemory'],
    seenIn: SEEN,
  },
  {
    name: named('DEFAULT_HISTOGRAM_AGGREGATION'),
    of: ({ metrics }) => metrics?.histogram,
    beside: ON,
    values: [
      [undefined, 'explicit_bucket_histogram'],
      ['base2_exponential_bucket_histogram', 'base2_exponential_bucket_histogram'],
    ],
    wrong: ['buckets', 'one of explicit_bucket_histogram, base2_exponential_bucket_histogram'],
    seenIn: SEEN,
  },
  ...ENDPOINT,
]
