/**
 * Where a backend receives OTLP, as an application is told: by the variables of the specification.
 */
import { readText, type Env } from '../config/env.ts'
import { readOtlpEndpoint } from '../config/otlp-config.ts'
import { createProblemCollector } from '../config/problems.ts'
import { TracelogError } from '../diag/errors.ts'
import type { LogSource } from '../sources/log-source.ts'
import type { FoundBackend } from './find-backend.ts'

const SIGNALS = ['logs', 'traces'] as const

/**
 * What the environment does not say itself: the user's own destination wins, and what the user wants to speak is spoken.
 *
 * @throws TRACELOG_BACKEND_UNREACHABLE when the backend does not say where it receives
 */
export async function endpointVariables(env: Env, backend: FoundBackend): Promise<Record<string, string>> {
  const [logs, traces] = SIGNALS.map((signal) => isGrpc(env, signal)) as [boolean, boolean]
  const endpoint = await endpointOf(backend, logs)
  const { token } = backend.address
  return {
    OTEL_EXPORTER_OTLP_ENDPOINT: endpoint,
    // The common one is read as that of the records: spans that speak another protocol have their own.
    ...(logs === traces
      ? {}
      : { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: tracesUrl(await endpointOf(backend, traces), traces) }),
    // On another machine the receiver asks for the token too; on loopback it does not look at it.
    ...(token === undefined || isLoopback(endpoint)
      ? {}
      : { OTEL_EXPORTER_OTLP_HEADERS: `authorization=Bearer ${token}` }),
  }
}

export function isDestinationSet(env: Env): boolean {
  const names = [
    'OTEL_EXPORTER_OTLP_ENDPOINT',
    'OTEL_EXPORTER_OTLP_LOGS_ENDPOINT',
    'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT',
  ]
  return names.some((name) => readText(env, name) !== undefined)
}

/** @throws TRACELOG_BACKEND_UNREACHABLE when it does not say where it receives */
export async function endpointOf(backend: FoundBackend, wantsGrpc = false): Promise<string> {
  return (wantsGrpc ? backend.otlpGrpc : backend.otlpHttp) ?? (await askEndpoint(backend, wantsGrpc))
}

/** A backend that was named by its API's address knows where it receives. */
async function askEndpoint({ address }: FoundBackend, wantsGrpc: boolean): Promise<string> {
  const { createLocalSource } = await import('../sources/local.ts')
  const source: LogSource = createLocalSource(address)
  const { ports } = await source.status()
  const port = ports[wantsGrpc ? 'otlp_grpc' : 'otlp_http']
  if (port === undefined) {
    throw new TracelogError(`the backend at ${address.api} does not say where it receives OTLP`, {
      code: 'TRACELOG_BACKEND_UNREACHABLE',
      hint: 'Set OTEL_EXPORTER_OTLP_ENDPOINT yourself.',
    })
  }
  const url = new URL(address.api)
  url.port = String(port)
  return url.origin
}

/** Wrong values are the application's to tell. */
function isGrpc(env: Env, signal: (typeof SIGNALS)[number]): boolean {
  return readOtlpEndpoint(env, signal, createProblemCollector()).protocol === 'grpc'
}

/** The signal's own variable is used as it is. */
function tracesUrl(endpoint: string, isGrpcEndpoint: boolean): string {
  return isGrpcEndpoint ? endpoint : `${endpoint}/v1/traces`
}

function isLoopback(endpoint: string): boolean {
  const { hostname } = new URL(endpoint)
  return hostname === 'localhost' || hostname === '[::1]' || hostname.startsWith('127.')
}
