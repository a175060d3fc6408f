/**
 * What is checked: the three addresses, how to reach each, and the words for it.
 */
import { invalid, type Env } from '../../../config/env.ts'
import { parseHttpUrl, withoutLogin } from '../../../config/http-url.ts'
import { readOtlpEndpoint } from '../../../config/otlp-config.ts'
import { readOrThrow } from '../../../config/problems.ts'
import { checkTenant } from '../../../config/source-config.ts'
import type { Flags } from '../../command.ts'
import { readTls } from './read-tls.ts'
import type { ProbeTls } from './probe.ts'

/** One server that is asked. */
export interface Peer {
  readonly name: string
  /** Shown, so without user and password. */
  readonly url: string
  readonly flag: string
  /** What to do when nothing listens, when it misbehaves, when the port may be another's, when its certificate is unknown. */
  readonly start: string
  readonly look: string
  readonly ports: string
  readonly ca: string
  /** To ask with. */
  readonly address: string
  readonly headers: Readonly<Record<string, string>>
  readonly tls: ProbeTls
}

export interface StackTarget {
  readonly logs: Peer
  readonly traces: Peer
  readonly loki: Peer
  readonly tempo: Peer
  /** The Collector's own metrics; asked only to say why something is missing. */
  readonly metricsUrl: string
  readonly tenant: string | undefined
  /** For everything that is waited for, together. Milliseconds. */
  readonly waitMillis: number
  /** How long something that does not listen may still be starting. Milliseconds. */
  readonly startMillis: number
}

/** Where no flag says otherwise. */
export interface TargetDefaults {
  /** `undefined`: where the environment says. */
  readonly otlp?: string | undefined
  readonly loki: string
  readonly tempo: string
  readonly startMillis?: number
  readonly waitMillis?: number
}

const OTLP = 'http://127.0.0.1:4318'
const METRICS = 'http://127.0.0.1:8888/metrics'
const WAIT_MILLIS = 30_000
/** `docker compose up -d` returns before its programs listen; the Collector needs 0.3 s. */
const START_MILLIS = 3_000

/** @throws TRACELOG_CONFIG_INVALID, TRACELOG_USAGE for what cannot be read */
export function readTarget(flags: Flags, env: Env, defaults: TargetDefaults): StackTarget {
  const named = flags.text('tenant')
  const tenant = named === undefined ? undefined : checkTenant('--tenant', named)
  const waitSeconds = flags.integer('wait', { min: 1, max: 3_600 })
  const waitMillis = waitSeconds === undefined ? (defaults.waitMillis ?? WAIT_MILLIS) : waitSeconds * 1_000
  return {
    ...readOtlp(flags.text('otlp') === undefined ? defaults.otlp : readUrl(flags, 'otlp', OTLP).href, env),
    loki: readerOf('Loki', readUrl(flags, 'loki', defaults.loki), tenant),
    tempo: readerOf('Tempo', readUrl(flags, 'tempo', defaults.tempo), tenant),
    metricsUrl: readUrl(flags, 'metrics', METRICS).href,
    tenant,
    waitMillis,
    startMillis: Math.min(defaults.startMillis ?? START_MILLIS, waitMillis),
  }
}

/** What the application would use, so that the check proves the application's own settings. */
function readOtlp(given: string | undefined, env: Env): { logs: Peer; traces: Peer } {
  const { OTEL_EXPORTER_OTLP_LOGS_ENDPOINT: _logs, OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: _traces, ...others } = env
  const effective: Env = given === undefined ? env : { ...others, OTEL_EXPORTER_OTLP_ENDPOINT: given }
  const [logs, traces] = (['logs', 'traces'] as const).map((signal) => {
    const endpoint = readOrThrow((problems) => readOtlpEndpoint(effective, signal, problems))
    return {
      name: 'the OTLP endpoint',
      flag: '--otlp',
      start: 'Start the stack with `tracelog stack up`, or name where the application sends: --otlp URL.',
      look: 'Look at its log: docker compose logs collector.',
      ports: 'OTLP/HTTP is port 4318 of the Collector.',
      ca: 'Set OTEL_EXPORTER_OTLP_CERTIFICATE to the PEM file of the authority that signed it, as for the application.',
      ...addressOf(new URL(endpoint.url)),
      headers: endpoint.headers,
      tls: readTls(endpoint),
    }
  }) as [Peer, Peer]
  return { logs, traces }
}

function readerOf(name: 'Loki' | 'Tempo', url: URL, tenant: string | undefined): Peer {
  const flag = `--${name.toLowerCase()}`
  return {
    name,
    flag,
    start: `Start the stack with \`tracelog stack up\`, or name where ${name} is: ${flag} URL.`,
    look: `Look at its log: docker compose logs ${name.toLowerCase()}.`,
    ports: `${name} is port ${name === 'Loki' ? '3100' : '3200'}.`,
    ca: 'Set NODE_EXTRA_CA_CERTS to the PEM file of the authority that signed it.',
    ...addressOf(url),
    headers: tenant === undefined ? {} : { 'X-Scope-OrgID': tenant },
    tls: {},
  }
}

function addressOf(url: URL): { url: string; address: string } {
  const address = url.href.replace(/\/$/, '')
  return { url: withoutLogin(address), address }
}

function readUrl(flags: Flags, name: string, otherwise: string): URL {
  const text = flags.text(name) ?? otherwise
  const url = parseHttpUrl(text)
  if (url !== undefined) return url
  throw invalid(`--${name}`, withoutLogin(text), `an http:// or https:// URL, as ${otherwise}`)
}
