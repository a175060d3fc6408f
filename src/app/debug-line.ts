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
import type { Resource } from '../model/log-record.ts'

/** Names whose values are harmless. An endpoint may hold a password, headers hold tokens, attributes anything: not here. */
const SHOWN =
  /^(?:TRACELOG_(?!REDACT_KEYS|REDACT_PATTERNS)[A-Z_]+|OTEL_(?:SDK_DISABLED|LOG_LEVEL|SERVICE_NAME|PROPAGATORS|TRACES_SAMPLER(?:_ARG)?|(?:LOGS|TRACES|METRICS)_EXPORTER|NODE_[A-Z_]+|B(?:LR|S)P_[A-Z_]+|EXPORTER_OTLP_(?:LOGS_|TRACES_)?(?:PROTOCOL|TIMEOUT|COMPRESSION)))$/

export interface DebugInput {
  readonly config: AppConfig
  readonly version: string
  readonly resource: Resource
  readonly instrumentations: readonly Instrumentation[]
}

/** Silent unless asked for. */
export function sayDebug({ config, version, resource, instrumentations }: DebugInput): void {
  if (!config.isDebug) return
  const line = {
    tracelog: version,
    node: process.version,
    pid: process.pid,
    service: resource.attributes['service.name'],
    instrumentations: Object.fromEntries(instrumentations.map((one) => [one.name, one.status()])),
    settings: settings(),
    endpoints: { logs: originOf(config.otlp.logs.url), traces: originOf(config.otlp.traces.url) },
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

function settings(): Record<string, { value: string | undefined; source: string }> {
  const named = Object.entries(processEnv()).filter(([name]) => /^(?:OTEL|TRACELOG)_/.test(name))
  return Object.fromEntries(
    named.map(([name, value]) => [name, { value: SHOWN.test(name) ? value : '[redacted]', source: 'environment' }]),
  )
}

/** Without userinfo, path and query. */
function originOf(url: string): string {
  return new URL(url).origin
}
