/**
 * Where OTLP goes: the OTEL_EXPORTER_OTLP_* variables, the signal's own before the general one.
 *
 * Source: OpenTelemetry specification, "OpenTelemetry Protocol Exporter".
 */
import type { OtlpEndpoint, OtlpProtocol } from '../export/otlp-endpoint.ts'
import { invalid, readChoice, readInteger, readText, type Env } from './env.ts'
import { parseHttpUrl, withoutLogin } from './http-url.ts'
import type { ProblemCollector } from './problems.ts'

/** OTLP/HTTP on this machine. The number, not `localhost`: saves a look-up, and every receiver listens on IPv4. */
const DEFAULT_ENDPOINT = 'http://127.0.0.1:4318'
/** Per try. Milliseconds. Source: OTLP exporter specification. */
const DEFAULT_TIMEOUT_MILLIS = 10_000

const SIGNALS = {
  logs: { prefix: 'LOGS_', path: 'v1/logs' },
  traces: { prefix: 'TRACES_', path: 'v1/traces' },
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
  return {
    url: readUrl(env, signal, problems),
    protocol: read('PROTOCOL', (name) => readProtocol(env, name)) ?? 'http/protobuf',
    headers: {
      ...problems.attempt(() => readHeaders(env, 'OTEL_EXPORTER_OTLP_HEADERS')),
      ...problems.attempt(() => readHeaders(env, `${own}HEADERS`)),
    },
    timeoutMillis:
      read('TIMEOUT', (name) => readInteger(env, name, { min: 1, max: 3_600_000 })) ?? DEFAULT_TIMEOUT_MILLIS,
    compression: read('COMPRESSION', (name) => readChoice(env, name, ['none', 'gzip'])) ?? 'none',
    ...optional('certificateFile', file('CERTIFICATE')),
    ...optional('clientKeyFile', file('CLIENT_KEY')),
    ...optional('clientCertificateFile', file('CLIENT_CERTIFICATE')),
  }
}

function optional<K extends string>(key: K, value: string | undefined): { [P in K]?: string } {
  return value === undefined ? {} : ({ [key]: value } as { [P in K]?: string })
}

/** The signal's own URL is used as it is; the general one is a base that the signal's path is appended to. */
function readUrl(env: Env, signal: keyof typeof SIGNALS, problems: ProblemCollector): string {
  const { prefix, path } = SIGNALS[signal]
  const own = problems.attempt(() => readHttpUrl(env, `OTEL_EXPORTER_OTLP_${prefix}ENDPOINT`))
  if (own !== undefined) return own.href
  const base = problems.attempt(() => readHttpUrl(env, 'OTEL_EXPORTER_OTLP_ENDPOINT')) ?? new URL(DEFAULT_ENDPOINT)
  base.pathname = `${base.pathname.replace(/\/$/, '')}/${path}`
  return base.href
}

function readHttpUrl(env: Env, name: string): URL | undefined {
  const text = readText(env, name)
  if (text === undefined) return undefined
  const url = parseHttpUrl(text)
  if (url !== undefined) return url
  throw invalid(name, withoutLogin(text), `an http:// or https:// URL, as ${DEFAULT_ENDPOINT}`)
}

function readProtocol(env: Env, name: string): OtlpProtocol | undefined {
  const text = readText(env, name)
  if (text?.toLowerCase() === 'grpc') {
    throw invalid(
      name,
      text,
      'http/protobuf or http/json (gRPC is not there yet; OTLP/HTTP usually listens on port 4318)',
    )
  }
  return readChoice(env, name, ['http/protobuf', 'http/json'])
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
