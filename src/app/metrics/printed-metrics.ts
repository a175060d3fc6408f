/**
 * What was measured, for a person at a terminal: one line per value on standard output, as records and spans of the exporter `console`.
 * What has not changed since the last time is not told again.
 */
import type { DataPoint, Histogram, MetricData, ScopeMetrics } from '@opentelemetry/sdk-metrics'

import { wallMillis } from '../../diag/clock.ts'
import { StdoutLines } from '../../export/stdout-lines.ts'
import { visibleLine } from '../../model/visible-text.ts'

export interface MetricsPrinter {
  print(scopes: readonly ScopeMetrics[]): void
  /** The process ends: waits so many milliseconds for a reader that is slow. */
  drain(millis: number): void
}

/** @param detached  runs something as if no request were being served */
export function metricsPrinter(format: 'text' | 'json', detached: <T>(run: () => T) => T): MetricsPrinter {
  // A line that nobody reads is lost: the next one has the same sums.
  const lines = new StdoutLines({ told: { onWritten: () => {}, onLost: () => {} }, detached })
  let before = new Set<string>()
  return {
    print(scopes) {
      const timestamp = new Date(wallMillis()).toISOString()
      const told = scopes.flatMap(({ metrics }) => metrics).flatMap((metric) => toldOf(metric, format))
      for (const line of told.filter((one) => !before.has(one)))
        lines.write(
          { signal: 'logs', seq: 0 },
          format === 'json' ? `{"timestamp":"${timestamp}",${line.slice(1)}\n` : `${timestamp} ${line}\n`,
        )
      before = new Set(told)
    },
    drain: (millis) => lines.drain(millis),
  }
}

/** Its lines, without the time. */
function toldOf(metric: MetricData, format: 'text' | 'json'): string[] {
  return metric.dataPoints.map((point) => {
    const told = { metric: metric.descriptor.name, ...numbersOf(metric, point), ...point.attributes }
    return format === 'json' ? JSON.stringify(told) : textOf(told)
  })
}

/** `METRIC http.server.request.duration count=3 sum=0.02 unit=s http.route=/cart` */
function textOf({ metric, ...told }: Readonly<Record<string, unknown>>): string {
  const pairs = Object.entries(told).flatMap(([key, value]) => (value === undefined ? [] : [`${key}=${wordOf(value)}`]))
  return visibleLine(['METRIC', metric, ...pairs].join(' '))
}

function wordOf(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value)
}

function numbersOf({ descriptor: { unit } }: MetricData, { value }: DataPoint<unknown>): Record<string, unknown> {
  const named = unit === '' ? {} : { unit }
  if (typeof value === 'number') return { value, ...named }
  const { count, sum, min, max } = value as Histogram
  return { count, sum, min, max, ...named }
}
