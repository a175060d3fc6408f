/**
 * Which ways out of the process are open: OTEL_LOGS_EXPORTER, OTEL_TRACES_EXPORTER and the aggregated file.
 */
import type { FileConfig } from '../export/transports/rotating-file.ts'
import { invalid, readChoice, readInteger, readList, readText, type Env } from './env.ts'
import { parseHttpUrl, withoutLogin } from './http-url.ts'
import type { ProblemCollector } from './problems.ts'

const EXPORTERS = ['otlp', 'console', 'file', 'zipkin', 'none'] as const
const LOGS_EXPORTERS = EXPORTERS.filter((name) => name !== 'zipkin')
const TRACES_EXPORTERS = EXPORTERS.filter((name) => name !== 'file')
type Exporter = (typeof EXPORTERS)[number]

/** 64 MiB, then the file is renamed away; 5 files in all. Source: spec, configuration. */
const DEFAULT_FILE_MAX_BYTES = 64 * 1024 * 1024
const DEFAULT_FILE_MAX_FILES = 5
/** Source: OpenTelemetry specification, Zipkin exporter. */
const DEFAULT_ZIPKIN_URL = 'http://localhost:9411/api/v2/spans'

/** All false: nothing of the signal is accepted. */
interface SignalDestinations {
  readonly otlp: boolean
  readonly console: boolean
  readonly file: boolean
}

export interface DestinationConfig {
  readonly logs: SignalDestinations
  readonly traces: SignalDestinations
  readonly file: FileConfig | undefined
  /** Where spans go by the SDK's exporter; `undefined`: nowhere. */
  readonly zipkin: { readonly url: string } | undefined
  readonly consoleFormat: 'text' | 'json'
}

/** Never throws: problems go to the collector. */
export function readDestinations(env: Env, problems: ProblemCollector): DestinationConfig {
  const file = readFile(env, problems)
  return {
    logs: readSignal(env, 'OTEL_LOGS_EXPORTER', file !== undefined, problems),
    traces: readSignal(env, 'OTEL_TRACES_EXPORTER', false, problems),
    file,
    zipkin: readZipkin(env, problems),
    consoleFormat: problems.attempt(() => readChoice(env, 'TRACELOG_CONSOLE_FORMAT', ['text', 'json'])) ?? 'text',
  }
}

/** A flat line holds a record, so the file takes logs only, beside whatever else is set. */
function readSignal(env: Env, name: string, hasFile: boolean, problems: ProblemCollector): SignalDestinations {
  const chosen = problems.attempt(() => readExporters(env, name, hasFile)) ?? ['otlp']
  return {
    otlp: chosen.includes('otlp'),
    console: chosen.includes('console'),
    file: hasFile,
  }
}

function readExporters(env: Env, name: string, hasFile: boolean): readonly Exporter[] | undefined {
  const items = readList(env, name)
  if (items === undefined) return undefined
  const isLogs = name === 'OTEL_LOGS_EXPORTER'
  const choices: readonly Exporter[] = isLogs ? LOGS_EXPORTERS : TRACES_EXPORTERS
  const exporters = items.map((item) => choices.find((choice) => choice === item.toLowerCase()))
  const rule = `a comma list of ${choices.join(', ')}`
  if (exporters.includes(undefined)) throw invalid(name, items.join(','), rule)
  if (exporters.includes('none') && exporters.length > 1) throw invalid(name, items.join(','), `${rule}; none alone`)
  if (exporters.includes('file') && isLogs && !hasFile) {
    throw invalid(name, items.join(','), 'used together with TRACELOG_FILE, which names the file')
  }
  return exporters as readonly Exporter[]
}

/** A problem of the list is told by `readSignal`. */
function readZipkin(env: Env, problems: ProblemCollector): DestinationConfig['zipkin'] {
  const names = readList(env, 'OTEL_TRACES_EXPORTER')?.map((name) => name.toLowerCase()) ?? []
  if (!names.includes('zipkin') || names.some((name) => !TRACES_EXPORTERS.some((one) => one === name))) return undefined
  return { url: problems.attempt(() => readZipkinUrl(env)) ?? DEFAULT_ZIPKIN_URL }
}

function readZipkinUrl(env: Env): string | undefined {
  const url = readText(env, 'OTEL_EXPORTER_ZIPKIN_ENDPOINT')
  if (url !== undefined && parseHttpUrl(url) === undefined)
    throw invalid('OTEL_EXPORTER_ZIPKIN_ENDPOINT', withoutLogin(url), 'an http:// or https:// URL')
  return url
}

function readFile(env: Env, problems: ProblemCollector): FileConfig | undefined {
  const path = readText(env, 'TRACELOG_FILE')
  const range = { min: 1024, max: Number.MAX_SAFE_INTEGER }
  const config: Omit<FileConfig, 'path'> = {
    format: problems.attempt(() => readChoice(env, 'TRACELOG_FILE_FORMAT', ['flat', 'otlp'])) ?? 'flat',
    maxBytes: problems.attempt(() => readInteger(env, 'TRACELOG_FILE_MAX_BYTES', range)) ?? DEFAULT_FILE_MAX_BYTES,
    maxFiles:
      problems.attempt(() => readInteger(env, 'TRACELOG_FILE_MAX_FILES', { min: 1, max: 1000 })) ??
      DEFAULT_FILE_MAX_FILES,
    line: problems.attempt(() => readChoice(env, 'TRACELOG_LINE', ['full', 'minimal'])) ?? 'full',
  }
  return path === undefined ? undefined : { path, ...config }
}
