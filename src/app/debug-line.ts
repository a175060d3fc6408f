/**
 * TRACELOG_DEBUG=1: one line of JSON at start that says what runs, what is hooked and which settings there are.
 *
 * Values only of variables on a list: any other may hold a secret.
 */
import type { Instrumentation } from '../capture/instrumentation.ts'
import { wayOfHearing } from '../capture/module-hooks.ts'
import type { AppConfig } from '../config/app-config.ts'
import { processEnv } from '../config/env.ts'
import { sayOnce } from '../diag/events.ts'
import { safeOwnText } from '../model/secrets/own-text.ts'
import { REDACTED } from '../model/secrets/secret-values.ts'
import type { OtlpEndpoint } from '../export/otlp-endpoint.ts'
import type { Resource } from '../model/log-record.ts'

/** Names whose values are harmless. Headers hold tokens, attributes and patterns anything: not here. */
const SHOWN =
  /^(?:TRACELOG_(?:ACCESS|CACHE_(?:KEYS|LEVEL|SPANS|STATUS)|COMPONENT|CONSOLE(?:_FORMAT)?|DEBUG|FILE(?:_FORMAT|_MAX_BYTES|_MAX_FILES)?|HTTP_ENGINE|IGNORE_PATHS|LEVEL|LINE|LOGS_FOLLOW_SAMPLING|PORT_[A-Z_]+|PROPAGATE_TO|QUEUE_MAX_BYTES|RECORD_UID|REDACT|REQUEST_PATH|RESPONSE_CONTEXT|SOURCE|TRUSTED_PEERS|WINSTON_GATE|WORKER)|OTEL_(?:SDK_DISABLED|LOG_LEVEL|SERVICE_NAME|PROPAGATORS|TRACES_SAMPLER(?:_ARG)?|(?:LOGS|TRACES|METRICS)_EXPORTER|NODE_[A-Z_]+|B(?:LR|S)P_[A-Z_]+|[A-Z_]+_LIMIT|EXPORTER_OTLP_(?:LOGS_|TRACES_)?(?:PROTOCOL|TIMEOUT|COMPRESSION)))$/
/** URLs: shown without login, path and query. */
const SHOWN_AS_ORIGIN = /^(?:TRACELOG_(?:BACKEND|LOKI_URL|TEMPO_URL)|OTEL_EXPORTER_OTLP_(?:LOGS_|TRACES_)?ENDPOINT)$/

export interface DebugInput {
  readonly config: AppConfig
  readonly version: string
  readonly resource: () => Resource
  readonly instrumentations: readonly Instrumentation[]
}

/** Silent unless asked for. */
export function sayDebug({ config, version, resource, instrumentations }: DebugInput): void {
  if (!config.isDebug) return
  const line = {
    tracelog: version,
    node: process.version,
    pid: process.pid,
    service: resource().attributes['service.name'],
    instrumentations: Object.fromEntries(instrumentations.map((one) => [one.name, one.status()])),
    settings: settings(),
    endpoints: { logs: shownEndpoint(config.otlp.logs), traces: shownEndpoint(config.otlp.traces) },
    destinations: { logs: config.destinations.logs, traces: config.destinations.traces },
    redaction: config.redaction.isOn,
  }
  sayOnce('debug', JSON.stringify(line))
  if (wayOfHearing() === 'channel') {
    sayOnce(
      'modules',
      'modules are heard by the channel module.require: its frames stand in stacks made while modules load',
    )
  }
}

function settings(): Record<string, { value: string; source: string }> {
  const named = Object.entries(processEnv()).filter(([name]) => /^(?:OTEL|TRACELOG)_/.test(name))
  return Object.fromEntries(
    named.map(([name, value]) => [name, { value: shown(name, value ?? ''), source: 'environment' }]),
  )
}

function shown(name: string, value: string): string {
  if (SHOWN_AS_ORIGIN.test(name)) return originOf(value)
  return SHOWN.test(name) ? safeOwnText(value) : REDACTED
}

/** What is in force, wherever it was set. */
function shownEndpoint({ url, protocol, compression, timeoutMillis }: OtlpEndpoint): object {
  return { url: originOf(url), protocol, compression, timeout_ms: timeoutMillis }
}

/** Without userinfo, path and query; of what is no URL nothing. */
function originOf(url: string): string {
  const origin = URL.canParse(url) ? new URL(url).origin : 'null'
  return origin === 'null' ? REDACTED : origin
}
