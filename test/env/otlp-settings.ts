/** OpenTelemetry's variables of the endpoint: the general ones and those of one signal. */
import type { AppConfig } from '../../src/config/app-config.ts'
import type { Setting } from './setting.ts'

const SEEN = 'env/endpoint.test.ts'
const URL_RULE = 'an http:// or https:// URL, as http://127.0.0.1:4318'
const GRPC_URL_RULE = 'an http:// or https:// URL without a path, as http://127.0.0.1:4317'
/** It may hold a token: the text is not repeated. */
const HEADERS_RULE = 'a list of key=value pairs, separated by commas'
const COMPRESSION_RULE = 'one of none, gzip, zstd'
const PROTOCOL_RULE = 'one of http/protobuf, http/json, grpc'
const MILLIS_RULE = 'a whole number from 1 to 3600000'

type Key = keyof AppConfig['otlp']['logs']
type Read = Pick<Setting, 'of'>

/** Of both signals: logs, then traces. */
function both(key: Key): Read {
  return { of: ({ otlp }) => [otlp.logs[key], otlp.traces[key]] }
}

const GENERAL: readonly Setting[] = [
  {
    name: 'OTEL_EXPORTER_OTLP_ENDPOINT',
    ...both('url'),
    values: [
      [undefined, ['http://127.0.0.1:4318/v1/logs', 'http://127.0.0.1:4318/v1/traces']],
      [
        'https://otlp.example:4318/base/',
        ['https://otlp.example:4318/base/v1/logs', 'https://otlp.example:4318/base/v1/traces'],
      ],
    ],
    wrong: ['collector:4318', URL_RULE],
    seenIn: SEEN,
  },
  {
    name: 'OTEL_EXPORTER_OTLP_ENDPOINT',
    ...both('url'),
    beside: { OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' },
    values: [
      [undefined, ['http://127.0.0.1:4317/', 'http://127.0.0.1:4317/']],
      ['https://otlp.example', ['https://otlp.example/', 'https://otlp.example/']],
    ],
    wrong: ['http://collector:4317/v1/logs', GRPC_URL_RULE],
    seenIn: SEEN,
  },
  {
    name: 'OTEL_EXPORTER_OTLP_PROTOCOL',
    ...both('protocol'),
    values: [
      [undefined, ['http/protobuf', 'http/protobuf']],
      ['http/json', ['http/json', 'http/json']],
      ['grpc', ['grpc', 'grpc']],
    ],
    wrong: ['thrift', PROTOCOL_RULE],
    seenIn: SEEN,
  },
  {
    name: 'OTEL_EXPORTER_OTLP_HEADERS',
    ...both('headers'),
    values: [
      [
        'Authorization=Bearer%20abc, x=1',
        [
          { authorization: 'Bearer abc', x: '1' },
          { authorization: 'Bearer abc', x: '1' },
        ],
      ],
    ],
    wrong: ['secret', HEADERS_RULE, '...'],
    seenIn: SEEN,
  },
  {
    name: 'OTEL_EXPORTER_OTLP_TIMEOUT',
    ...both('timeoutMillis'),
    values: [
      [undefined, [10_000, 10_000]],
      ['250', [250, 250]],
    ],
    wrong: ['10s', MILLIS_RULE],
    seenIn: SEEN,
  },
  {
    name: 'OTEL_EXPORTER_OTLP_COMPRESSION',
    ...both('compression'),
    values: [
      [undefined, ['none', 'none']],
      ['gzip', ['gzip', 'gzip']],
      ['zstd', ['zstd', 'zstd']],
    ],
    wrong: ['zip', COMPRESSION_RULE],
    seenIn: SEEN,
  },
  ...(
    [
      ['OTEL_EXPORTER_OTLP_CERTIFICATE', 'certificateFile'],
      ['OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE', 'clientCertificateFile'],
      ['OTEL_EXPORTER_OTLP_CLIENT_KEY', 'clientKeyFile'],
    ] as const
  ).map(([name, key]): Setting => ({
    name,
    ...both(key),
    values: [
      [undefined, [undefined, undefined]],
      ['/etc/x.pem', ['/etc/x.pem', '/etc/x.pem']],
    ],
    seenIn: SEEN,
  })),
]

/** One signal's variable counts before the general one, and leaves the other signal alone. */
function perSignal(signal: 'LOGS' | 'TRACES'): readonly Setting[] {
  const named = (name: string): string => `OTEL_EXPORTER_OTLP_${signal}_${name}`
  const pair = (own: unknown, other: unknown): unknown[] => (signal === 'LOGS' ? [own, other] : [other, own])
  return [
    {
      name: named('ENDPOINT'),
      ...both('url'),
      beside: { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://all.example' },
      values: [
        [
          'http://own.example/in',
          pair('http://own.example/in', `http://all.example/v1/${signal === 'LOGS' ? 'traces' : 'logs'}`),
        ],
      ],
      wrong: ['ftp://x', URL_RULE],
      seenIn: SEEN,
    },
    {
      name: named('PROTOCOL'),
      ...both('protocol'),
      values: [
        ['http/json', pair('http/json', 'http/protobuf')],
        ['grpc', pair('grpc', 'http/protobuf')],
      ],
      wrong: ['thrift', PROTOCOL_RULE],
      seenIn: SEEN,
    },
    {
      name: named('HEADERS'),
      ...both('headers'),
      beside: { OTEL_EXPORTER_OTLP_HEADERS: 'x=1' },
      values: [['x=2,y=3', pair({ x: '2', y: '3' }, { x: '1' })]],
      wrong: ['secret', HEADERS_RULE, '...'],
      seenIn: SEEN,
    },
    {
      name: named('TIMEOUT'),
      ...both('timeoutMillis'),
      values: [['250', pair(250, 10_000)]],
      wrong: ['0', MILLIS_RULE],
      seenIn: SEEN,
    },
    {
      name: named('COMPRESSION'),
      ...both('compression'),
      values: [['gzip', pair('gzip', 'none')]],
      wrong: ['zip', COMPRESSION_RULE],
      seenIn: SEEN,
    },
  ]
}

export const OTLP_SETTINGS: readonly Setting[] = [...GENERAL, ...perSignal('LOGS'), ...perSignal('TRACES')]
