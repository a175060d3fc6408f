/**
 * Where OTLP goes: the OTEL_EXPORTER_OTLP_* variables, the signal's own before the general one.
 *
 * Source: OpenTelemetry specification, "OpenTelemetry Protocol Exporter".
 */
import type { OtlpEndpoint, OtlpProtocol } from '../export/otlp-endpoint.ts'
import { invalid, readChoice, readInteger, readText, type Env } from './env.ts'
import { parseHttpUrl, withoutLogin } from './http-url.ts'
import type { ProblemCollector } from './problems.ts'

/** On this machine. The number, not `localhost`: saves a look-up, and every receiver listens on IPv4. */
const DEFAULT_ENDPOINTS: Readonly<Record<OtlpProtocol, string>> = {
  'http/protobuf': 'http://127.0.0.1:4318',
  'http/json': 'http://127.0.0.1:4318',
  grpc: 'http://127.0.0.1:4317',
}
const PROTOCOLS: readonly OtlpProtocol[] = ['http/protobuf', 'http/json', 'grpc']
/** Per try. Milliseconds. Source: OTLP exporter specification. */
const DEFAULT_TIMEOUT_MILLIS = 10_000

const SIGNALS = {
  logs: { prefix: 'LOGS_', path: 'v1/logs' },
  traces: { prefix: 'TRACES_', path: 'v1/traces' },
  metrics: { prefix: 'METRICS_', path: 'v1/metrics' },
} as const

/** The endpoint of one signal. Never throws: problems go to the collector. */
export function readOtlpEndpoint(env: Env, signal: keyof typeof SIGNALS, problems: ProblemCollector): OtlpEndpoint {
  const own = `OTEL_EXPORTER_OTLP_${SIGNALS[signal].prefix}`
  const names = (rest: string) => [`${own}${rest}`, `OTEL_EXPORTER_OTLP_${rest}`] as const
  const read = <T>(rest: string, reader: (name: string) => T | undefined): T | undefined => {
    for (const name of names(rest)) {
      const value = problems.attempt(() => reader(name))
      if (value !== undefined) return value
    }
    return undefined
  }
  const file = (rest: string) => read(rest, (name) => readText(env, name))
  const protocol = read('PROTOCOL', (name) => readChoice(env, name, PROTOCOLS)) ?? 'http/protobuf'
  return {
    url: readUrl(env, { signal, protocol }, problems),
    protocol,
    headers: {
      ...problems.attempt(() => readHeaders(env, 'OTEL_EXPORTER_OTLP_HEADERS')),
      ...problems.attempt(() => readHeaders(env, `${own}HEADERS`)),
    },
    timeoutMillis:
      read('TIMEOUT', (name) => readInteger(env, name, { min: 1, max: 3_600_000 })) ?? DEFAULT_TIMEOUT_MILLIS,
    compression: read('COMPRESSION', (name) => readChoice(env, name, ['none', 'gzip', 'zstd'])) ?? 'none',
    ...optional('certificateFile', file('CERTIFICATE')),
    ...optional('clientKeyFile', file('CLIENT_KEY')),
    ...optional('clientCertificateFile', file('CLIENT_CERTIFICATE')),
  }
}

function optional<K extends string>(key: K, value: string | undefined): { [P in K]?: string } {
  return value === undefined ? {} : ({ [key]: value } as { [P in K]?: string })
}

interface Target {
  readonly signal: keyof typeof SIGNALS
  readonly protocol: OtlpProtocol
}

/**
 * Over HTTP the signal's own URL is used as it is, and the general one is a base that the signal's path is appended to; gRPC has
 * paths of its own.
 */
function readUrl(env: Env, { signal, protocol }: Target, problems: ProblemCollector): string {
  const { prefix, path } = SIGNALS[signal]
  const read = (name: string) => problems.attempt(() => readEndpoint(env, name, protocol))
  const own = read(`OTEL_EXPORTER_OTLP_${prefix}ENDPOINT`)
  if (own !== undefined) return own.href
  const base = read('OTEL_EXPORTER_OTLP_ENDPOINT') ?? new URL(DEFAULT_ENDPOINTS[protocol])
  if (protocol !== 'grpc') base.pathname = `${base.pathname.replace(/\/$/, '')}/${path}`
  return base.href
}

function readEndpoint(env: Env, name: string, protocol: OtlpProtocol): URL | undefined {
  const text = readText(env, name)
  if (text === undefined) return undefined
  const url = parseHttpUrl(text)
  if (url !== undefined && (protocol !== 'grpc' || isBare(url))) return url
  const rule = `an http:// or https:// URL${protocol === 'grpc' ? ' without a path' : ''}, as ${DEFAULT_ENDPOINTS[protocol]}`
  throw invalid(name, withoutLogin(text), rule)
}

function isBare({ pathname, search, hash }: URL): boolean {
  return `${pathname}${search}${hash}` === '/'
}

/** `key=value,key=value`; values are percent-decoded, keys in lower case. */
export function readHeaders(env: Env, name: string): Record<string, string> {
  const headers: Record<string, string> = {}
  for (const pair of (readText(env, name) ?? '').split(',')) {
    if (pair.trim() === '') continue
    const [key, value] = splitHeader(pair)
    if (key === undefined) throw invalid(name, '...', 'a list of key=value pairs, separated by commas')
    headers[key] = value
  }
  return headers
}

/** The text of a wrong one is not repeated in the error: it may hold a token. */
function splitHeader(pair: string): [key: string | undefined, value: string] {
  const at = pair.indexOf('=')
  const key = pair.slice(0, Math.max(at, 0)).trim().toLowerCase()
  if (!/^[!#$%&'*+.^_`|~0-9a-z-]+$/.test(key)) return [undefined, '']
  const value = pair.slice(at + 1).trim()
  try {
    return [key, decodeURIComponent(value)]
  } catch {
    return [key, value]
  }
}
