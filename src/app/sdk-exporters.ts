/**
 * Where in the application are the exporters that OpenTelemetry's SDK has by name, and are they of the release that we can speak to?
 *
 * They are the application's: not a dependency of ours, and looked for only when a variable names one.
 */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join, parse, resolve } from 'node:path'

import type { DestinationConfig } from '../config/destination-config.ts'
import { sayOnce } from '../diag/events.ts'
import type { LaneSpec } from '../export/lane-spec.ts'

const PACKAGE = '@opentelemetry/exporter-zipkin'
/** Whose spans are shaped as we show them. */
const MAJOR = '3'
/** Source: OpenTelemetry specification, OTEL_EXPORTER_ZIPKIN_TIMEOUT's default. Milliseconds. */
const ZIPKIN_MILLIS = 10_000

/**
 * @param entry  the application's first file; `undefined` for `node -e`
 * @returns undefined when it cannot be used, which has been said
 */
export function zipkinLane(
  { url }: NonNullable<DestinationConfig['zipkin']>,
  entry: string | undefined,
): LaneSpec | undefined {
  const found = findPackage(PACKAGE, entry)
  if (found?.version.split('.')[0] !== MAJOR) {
    const what = found === undefined ? 'is not installed' : `is ${found.version}`
    sayOnce(
      'exporter:zipkin',
      `OTEL_TRACES_EXPORTER names zipkin, but ${PACKAGE} ${what} in this application: spans go by otlp instead. Run: ` +
        `npm install ${PACKAGE}@${MAJOR}`,
    )
    return undefined
  }
  const sdk = { module: found.module, exporter: 'ZipkinExporter', options: { url }, timeoutMillis: ZIPKIN_MILLIS }
  return {
    signal: 'spans',
    name: 'zipkin',
    label: new URL(url).host,
    setBy: 'OTEL_EXPORTER_ZIPKIN_ENDPOINT',
    to: { kind: 'sdk', sdk },
  }
}

interface FoundPackage {
  /** Absolute. */
  readonly module: string
  readonly version: string
}

/** As the application would find it, or what it has of the SDK. */
function findPackage(name: string, entry: string | undefined): FoundPackage | undefined {
  const from = resolve(entry ?? 'index.js')
  const module = resolved(name, from) ?? resolved(name, resolved('@opentelemetry/sdk-node', from))
  const version = module && versionOf(name, dirname(module))
  return version === undefined || module === undefined ? undefined : { module, version }
}

function resolved(name: string, from: string | undefined): string | undefined {
  try {
    return from && createRequire(from).resolve(name)
  } catch {
    return undefined
  }
}

/** Its package.json is not among what it exports: looked for upwards. */
function versionOf(name: string, folder: string): string | undefined {
  for (let at = folder; at !== parse(at).root; at = dirname(at)) {
    try {
      const found = JSON.parse(readFileSync(join(at, 'package.json'), 'utf8')) as { name?: unknown; version?: unknown }
      if (found.name === name && typeof found.version === 'string') return found.version
    } catch {
      // One folder up, then.
    }
  }
  return undefined
}
