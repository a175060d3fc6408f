/**
 * Which lanes the pipeline of this process has, as data: from what is configured, in the order that makes the first one primary.
 */
import { resolve } from 'node:path'

import type { AppConfig } from '../config/app-config.ts'
import type { Composition, LaneSpec } from '../export/lane-spec.ts'
import { endpointName } from '../export/otlp-endpoint.ts'
import type { Signal } from '../model/signal.ts'

export function compositionOf({ destinations, otlp }: AppConfig): Composition {
  return [...lanesOf('logs'), ...lanesOf('spans')]

  function lanesOf(signal: Signal): readonly LaneSpec[] {
    const ways = signal === 'logs' ? destinations.logs : destinations.traces
    const endpoint = signal === 'logs' ? otlp.logs : otlp.traces
    const { file } = destinations
    const lanes: LaneSpec[] = []
    if (ways.otlp)
      lanes.push({ signal, name: 'otlp', label: endpointName(endpoint.url), to: { kind: 'otlp', endpoint } })
    if (ways.file && file !== undefined) {
      // The application may change its working directory later.
      const path = resolve(file.path)
      lanes.push({ signal, name: 'file', label: path, to: { kind: 'file', file: { ...file, path } } })
    }
    if (ways.console) lanes.push({ signal, name: 'console', label: 'standard output', to: { kind: 'stdout' } })
    return lanes
  }
}
