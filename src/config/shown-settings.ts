/**
 * Which settings are there, with what value and from where; values only of variables on a list: any other may hold a secret.
 */
import { safeOwnText } from '../model/secrets/own-text.ts'
import { REDACTED } from '../model/secrets/secret-values.ts'
import type { LayeredEnv } from './layers.ts'

/** Names whose values are harmless. Headers hold tokens, attributes and patterns anything: not here. */
const SHOWN =
  /^(?:TRACELOG_(?:ACCESS|BUNYAN_ALL|CACHE_(?:KEYS|LEVEL|SPANS|STATUS)|CAPTURE_STDIO|COMPONENT|CONFIG|CONSOLE(?:_FORMAT)?|DEBUG|FILE(?:_FORMAT|_MAX_BYTES|_MAX_FILES)?|HTTP_ENGINE|IGNORE_PATHS|LEVEL|LINE|LOGS_FOLLOW_SAMPLING|PORT_[A-Z_]+|PROPAGATE_TO|QUEUE_MAX_BYTES|RECORD_UID|RECORDER(?:_[A-Z_]+)?|REDACT|REQUEST_PATH|RESPONSE_CONTEXT|RETURN(?:_KEY_FILE|_PUBLIC)?|SOURCE|SPOOL(?:_DIR|_FSYNC|_MAX_BYTES)?|TRUSTED_PEERS|WINSTON_GATE|WORKER)|OTEL_(?:(?:EXPERIMENTAL_)?CONFIG_FILE|SDK_DISABLED|LOG_LEVEL|SERVICE_NAME|PROPAGATORS|TRACES_SAMPLER(?:_ARG)?|(?:LOGS|TRACES|METRICS)_EXPORTER|NODE_[A-Z_]+|B(?:LR|S)P_[A-Z_]+|[A-Z_]+_LIMIT|METRIC_EXPORT_INTERVAL|EXPORTER_OTLP_(?:LOGS_|TRACES_|METRICS_)?(?:PROTOCOL|TIMEOUT|COMPRESSION)|EXPORTER_OTLP_METRICS_(?:TEMPORALITY_PREFERENCE|DEFAULT_HISTOGRAM_AGGREGATION)))$/
/** URLs: shown without login, path and query. */
const SHOWN_AS_ORIGIN =
  /^(?:TRACELOG_(?:BACKEND|LOKI_URL|TEMPO_URL)|OTEL_EXPORTER_(?:OTLP_(?:LOGS_|TRACES_)?|ZIPKIN_)ENDPOINT)$/

export interface ShownSetting {
  readonly value: string
  /** `code`, `environment`, or the file and its line. */
  readonly source: string
}

/** Of all variables of ours and of OpenTelemetry's that are set. */
export function shownSettings(layered: LayeredEnv): Readonly<Record<string, ShownSetting>> {
  const shown: Record<string, ShownSetting> = {}
  for (const [name, value = ''] of Object.entries(layered.env)) {
    const source = /^(?:OTEL|TRACELOG)_/.test(name) ? layered.sourceOf(name) : undefined
    if (source !== undefined) shown[name] = { value: shownValue(name, value), source }
  }
  return shown
}

function shownValue(name: string, value: string): string {
  if (SHOWN_AS_ORIGIN.test(name)) return originOf(value)
  return SHOWN.test(name) ? safeOwnText(value) : REDACTED
}

/** Without userinfo, path and query; of what is no URL nothing. */
export function originOf(url: string): string {
  const origin = URL.canParse(url) ? new URL(url).origin : 'null'
  return origin === 'null' ? REDACTED : origin
}
