/**
 * Which lanes the pipeline of this process has, as data: from what is configured, in the order that makes the first one primary.
 */
import { resolve } from 'node:path'

import type { AppConfig } from '../config/app-config.ts'
import type { Composition, LaneSpec } from '../export/lane-spec.ts'
import { endpointName, type OtlpEndpoint } from '../export/otlp-endpoint.ts'
import type { SdkExporter } from '../model/sdk-types.ts'
import type { Signal } from '../model/signal.ts'
import { zipkinLane } from './sdk-exporters.ts'
import type { GivenObjects } from './start-options.ts'

/**
 * @param entry  the application's first file
 * @param exporters  that the application has given us
 */
export function compositionOf(
  { destinations, otlp, metrics, spool }: AppConfig,
  entry: string | undefined,
  exporters: GivenObjects['exporters'] = {},
): Composition {
  const hasSpool = spool !== undefined
  return [
    ...lanesOf('logs'),
    ...lanesOf('spans'),
    ...(metrics?.exporter === 'otlp' ? [metricsLane(metrics.endpoint)] : []),
  ]

  function lanesOf(signal: Signal): readonly LaneSpec[] {
    const ways = signal === 'logs' ? destinations.logs : destinations.traces
    const endpoint = signal === 'logs' ? otlp.logs : otlp.traces
    const { file } = destinations
    const lanes: LaneSpec[] = []
    const named = signal === 'spans' && destinations.zipkin ? [zipkinLane(destinations.zipkin, entry)] : []
    // Who asked for another exporter, which there is not, does not lose what it was to have.
    if (ways.otlp || named.includes(undefined))
      lanes.push({
        signal,
        name: 'otlp',
        label: endpointName(endpoint.url),
        setBy: 'OTEL_EXPORTER_OTLP_ENDPOINT',
        to: { kind: 'otlp', endpoint },
        hasSpool,
      })
    if (ways.file && file !== undefined) {
      // The application may change its working directory later.
      const path = resolve(file.path)
      lanes.push({ signal, name: 'file', label: path, to: { kind: 'file', file: { ...file, path } } })
    }
    if (ways.console) lanes.push({ signal, name: 'console', label: 'standard output', to: { kind: 'stdout' } })
    lanes.push(...named.filter((lane) => lane !== undefined), ...objectLanes(signal, exporters[signal] ?? []))
    return lanes
  }
}

/** From memory: what was measured is measured again, and sums stay what they are. */
function metricsLane(endpoint: OtlpEndpoint): LaneSpec {
  return {
    signal: 'metrics',
    name: 'otlp',
    label: endpointName(endpoint.url),
    setBy: 'OTEL_EXPORTER_OTLP_ENDPOINT',
    to: { kind: 'otlp', endpoint },
  }
}

/** Each by the name of its class; of two the second is `Name#2`. */
function objectLanes(signal: Signal, exporters: readonly SdkExporter[]): readonly LaneSpec[] {
  const seen = new Map<string, number>()
  return exporters.map((exporter): LaneSpec => {
    const className = classOf(exporter)
    const count = (seen.get(className) ?? 0) + 1
    seen.set(className, count)
    const name = count === 1 ? className : `${className}#${count}`
    return { signal, name, label: name, to: { kind: 'object', exporter } }
  })
}

function classOf(exporter: SdkExporter): string {
  const name: unknown = exporter.constructor?.name
  return typeof name === 'string' && name !== '' && name !== 'Object' ? name : 'exporter'
}
