/**
 * TRACELOG_DEBUG=1: one line of JSON at start that says what runs, what is hooked and which settings there are.
 */
import type { Instrumentation } from '../capture/instrumentation.ts'
import { loadedBefore, wayOfHearing } from '../capture/module-hooks.ts'
import type { AppConfig } from '../config/app-config.ts'
import { recorderStanding } from '../config/recorder-standing.ts'
import { originOf, type ShownSetting } from '../config/shown-settings.ts'
import { sayOnce } from '../diag/events.ts'
import type { OtlpEndpoint } from '../export/otlp-endpoint.ts'
import type { Resource } from '../model/log-record.ts'

export interface DebugInput {
  readonly config: AppConfig
  readonly settings: () => Readonly<Record<string, ShownSetting>>
  readonly version: string
  readonly resource: () => Resource
  readonly instrumentations: readonly Instrumentation[]
}

/** Silent unless asked for. */
export function sayDebug({ config, settings, version, resource, instrumentations }: DebugInput): void {
  if (!config.isDebug) return
  const line = {
    tracelog: version,
    node: process.version,
    pid: process.pid,
    service: resource().attributes['service.name'],
    instrumentations: Object.fromEntries(instrumentations.map((one) => [one.name, one.status()])),
    loaded_before: loadedBefore(),
    settings: settings(),
    endpoints: { logs: shownEndpoint(config.otlp.logs), traces: shownEndpoint(config.otlp.traces) },
    destinations: { logs: config.destinations.logs, traces: config.destinations.traces },
    redaction: config.redaction.isOn,
    recorder: recorderStanding(config) ?? { mode: 'off' },
  }
  sayOnce('debug', JSON.stringify(line))
  if (wayOfHearing() === 'channel') {
    sayOnce(
      'modules',
      'modules are heard by the channel module.require: its frames stand in stacks made while modules load',
    )
  }
}

/** What is in force, wherever it was set. */
function shownEndpoint({ url, protocol, compression, timeoutMillis }: OtlpEndpoint): object {
  return { url: originOf(url), protocol, compression, timeout_ms: timeoutMillis }
}
