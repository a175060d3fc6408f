/**
 * The processors of a provider in OpenTelemetry's configuration file: when a signal is sent, and where to.
 *
 * A signal has one way out by OTLP, one console and, for logs, one file; what is beyond is left out, and told.
 */
import { fileURLToPath } from 'node:url'

import { WrongNode, type ConfigNode } from './config-node.ts'
import type { SettingsOfFile } from './settings-of-file.ts'

type FileSignal = 'logs' | 'traces'

const SIGNALS = {
  logs: { exporters: 'OTEL_LOGS_EXPORTER', otlp: 'OTEL_EXPORTER_OTLP_LOGS_', batch: 'OTEL_BLRP_' },
  traces: { exporters: 'OTEL_TRACES_EXPORTER', otlp: 'OTEL_EXPORTER_OTLP_TRACES_', batch: 'OTEL_BSP_' },
} as const

/** The same names in `otlp_http` and `otlp_grpc`. */
const OTLP_VALUES = { compression: 'COMPRESSION', timeout: 'TIMEOUT' } as const
/** Those of the schema, and what they were called in its release candidates. */
const TLS_FILES = {
  ca_file: 'CERTIFICATE',
  key_file: 'CLIENT_KEY',
  cert_file: 'CLIENT_CERTIFICATE',
  certificate_file: 'CERTIFICATE',
  client_key_file: 'CLIENT_KEY',
  client_certificate_file: 'CLIENT_CERTIFICATE',
} as const

/** No processors named: the signal goes where it goes without a file. */
export function readProcessors(signal: FileSignal, list: ConfigNode | undefined, settings: SettingsOfFile): void {
  const processors = settings.attempt(() => list?.items())
  if (list === undefined || processors === undefined) return
  const exporters = new Set<string>()
  for (const processor of processors) {
    const exporter = settings.attempt(() => readProcessor(signal, processor, { exporters, settings }))
    if (exporter !== undefined) exporters.add(exporter)
  }
  // All of them unknown or wrong: better where it goes without a file than nowhere.
  const names =
    exporters.size === 0 && processors.length > 0 ? ['otlp'] : exporters.size === 0 ? ['none'] : [...exporters]
  settings.put(SIGNALS[signal].exporters, names.join(','), list.place)
}

interface SoFar {
  readonly exporters: ReadonlySet<string>
  readonly settings: SettingsOfFile
}

/** @returns the exporter in the words of the variable; `undefined`: it was left out */
function readProcessor(signal: FileSignal, processor: ConfigNode, soFar: SoFar): string | undefined {
  const [[kind, node] = [undefined, processor]] = processor.entries()
  if (kind !== 'batch' && kind !== 'simple') {
    soFar.settings.leaveOut(processor)
    return undefined
  }
  const [[name, exporter] = [undefined, node]] = node.child('exporter')?.entries() ?? []
  if (name === undefined) throw new WrongNode(node, 'a mapping with an exporter')
  const found = readExporter(signal, { name, node: exporter }, soFar)
  if (found === undefined) soFar.settings.leaveOut(processor)
  if (found === 'otlp' && kind === 'batch') readBatch(signal, node, soFar.settings)
  return found
}

function readBatch(signal: FileSignal, batch: ConfigNode, settings: SettingsOfFile): void {
  const { batch: prefix } = SIGNALS[signal]
  settings.set(`${prefix}SCHEDULE_DELAY`, batch.child('schedule_delay'))
  settings.set(`${prefix}MAX_EXPORT_BATCH_SIZE`, batch.child('max_export_batch_size'))
}

interface NamedExporter {
  readonly name: string
  readonly node: ConfigNode
}

function readExporter(signal: FileSignal, { name, node }: NamedExporter, soFar: SoFar): string | undefined {
  const { exporters, settings } = soFar
  if (name === 'console') {
    node.take()
    return 'console'
  }
  if ((name === 'otlp_http' || name === 'otlp_grpc') && !exporters.has('otlp')) {
    readOtlp(signal, { name, node }, settings)
    return 'otlp'
  }
  if (name === 'zipkin' && signal === 'traces') {
    settings.set('OTEL_EXPORTER_ZIPKIN_ENDPOINT', node.child('endpoint'))
    return 'zipkin'
  }
  if (name === 'otlp_file' && signal === 'logs' && !exporters.has('file')) return readFile(node, settings)
  return undefined
}

function readOtlp(signal: FileSignal, { name, node }: NamedExporter, settings: SettingsOfFile): void {
  const { otlp: prefix } = SIGNALS[signal]
  const encoding = settings.attempt(() => node.child('encoding')?.text())
  const protocol = name === 'otlp_grpc' ? 'grpc' : `http/${encoding ?? 'protobuf'}`
  settings.put(`${prefix}PROTOCOL`, protocol, (node.child('encoding') ?? node).place)
  for (const [key, rest] of Object.entries(OTLP_VALUES)) settings.set(`${prefix}${rest}`, node.child(key))
  const tls = node.child('tls')
  const endpoint = node.child('endpoint')
  const isInsecure = settings.attempt(() => tls?.child('insecure')?.scalar()) === true
  const url = settings.attempt(() => endpoint?.text())
  if (endpoint !== undefined && url !== undefined)
    settings.put(`${prefix}ENDPOINT`, withScheme(url, isInsecure), endpoint.place)
  for (const [key, rest] of Object.entries(TLS_FILES)) settings.set(`${prefix}${rest}`, tls?.child(key))
  readHeaders(`${prefix}HEADERS`, node, settings)
}

/** gRPC may name host and port alone. */
function withScheme(url: string, isInsecure: boolean): string {
  return url.includes('://') ? url : `${isInsecure ? 'http' : 'https'}://${url}`
}

/** The list first: of equal names the later one counts. */
function readHeaders(variable: string, node: ConfigNode, settings: SettingsOfFile): void {
  const list = node.child('headers_list')
  const listed = settings.attempt(() => list?.text())
  const items = settings.attempt(() => node.child('headers')?.items()) ?? []
  const pairs = items.flatMap((item) => settings.attempt(() => headerOf(item)) ?? [])
  const all = [...(listed === undefined ? [] : [listed]), ...pairs]
  if (all.length > 0) settings.put(variable, all.join(','), (node.child('headers') ?? list ?? node).place)
}

/** Without a value it is none. */
function headerOf(item: ConfigNode): string[] {
  const name = item.child('name')?.text()
  if (name === undefined) throw new WrongNode(item, 'a mapping with name and value')
  const value = item.child('value')?.text()
  return value === undefined ? [] : [`${name}=${encodeURIComponent(value)}`]
}

/** Beside OTLP or alone. To standard output it is not done: that is the console's. */
function readFile(node: ConfigNode, settings: SettingsOfFile): string | undefined {
  const stream = node.child('output_stream')
  const target = settings.attempt(() => stream?.text())
  if (stream === undefined || target?.startsWith('file:') !== true || !URL.canParse(target)) return undefined
  settings.put('TRACELOG_FILE', fileURLToPath(target), stream.place)
  settings.put('TRACELOG_FILE_FORMAT', 'otlp', stream.place)
  return 'file'
}
