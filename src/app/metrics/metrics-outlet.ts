/**
 * Where does what was measured go: into the pipeline, to standard output, or to whoever asks for it?
 */
import { ProtobufMetricsSerializer } from '@opentelemetry/otlp-transformer'
import { resourceFromAttributes } from '@opentelemetry/resources'
import type { DataPoint, MetricData, ScopeMetrics } from '@opentelemetry/sdk-metrics'

import type { MetricsConfig } from '../../config/metrics-config.ts'
import type { ScopeRecords } from '../../model/otlp-request.ts'
import { scopesOfRequest } from '../../model/request-parts.ts'
import type { SdkAttributes } from '../../model/sdk-types.ts'
import { metricsPrinter } from './printed-metrics.ts'
import { prometheusText } from './prometheus-text.ts'
import { serveScrapes } from './scrape-server.ts'

export interface MetricsOutlet {
  /** Somebody asks when he wants to: nothing is collected by the clock, or at the end. */
  readonly isAsked: boolean
  /** Of this one reader: secrets are hidden here. */
  take(scopes: readonly ScopeMetrics[]): void
  /** The process ends: nobody can be waited for. */
  drain(): void
  stop(): void
}

export interface OutletOptions {
  readonly config: MetricsConfig
  /** Hides secrets. */
  readonly redacted: (attributes: SdkAttributes) => SdkAttributes
  /** Whose metrics they are. */
  readonly resource: () => SdkAttributes
  readonly consoleFormat: 'text' | 'json'
  readonly send: (scopes: readonly ScopeRecords[]) => void
  /** Runs something as if no request were being served. */
  readonly detached: <T>(run: () => T) => T
}

/** For a reader of standard output that is slow. Milliseconds. */
const STDOUT_MILLIS = 500

const nothing = (): void => {}

/** @param collected  for who asks; MUST NOT reject */
export function metricsOutlet(
  options: OutletOptions,
  collected: () => Promise<readonly ScopeMetrics[]>,
): MetricsOutlet {
  const { config, redacted, resource, send, detached, consoleFormat } = options
  const shown = (scopes: readonly ScopeMetrics[]) => withoutSecrets(scopes, redacted)
  if (config.exporter === 'prometheus') {
    const text = async () => prometheusText(shown(await collected()), redacted(resource()))
    const stop = detached(() => serveScrapes({ ...config.prometheus, text }))
    return { isAsked: true, take: nothing, drain: nothing, stop }
  }
  if (config.exporter === 'console') {
    const printer = metricsPrinter(consoleFormat, detached)
    const take = (scopes: readonly ScopeMetrics[]) => printer.print(shown(scopes))
    return { isAsked: false, take, drain: () => printer.drain(STDOUT_MILLIS), stop: nothing }
  }
  return { isAsked: false, take: (scopes) => sendAll(shown(scopes), send), drain: nothing, stop: nothing }
}

/** The pipeline knows whose they are. */
export const NO_RESOURCE: ReturnType<typeof resourceFromAttributes> = resourceFromAttributes({})

function sendAll(scopeMetrics: readonly ScopeMetrics[], send: OutletOptions['send']): void {
  if (scopeMetrics.length === 0) return
  const request = ProtobufMetricsSerializer.serializeRequest({ resource: NO_RESOURCE, scopeMetrics: [...scopeMetrics] })
  if (request !== undefined) send(scopesOfRequest(request))
}

/** And without what has no values. */
function withoutSecrets(scopes: readonly ScopeMetrics[], redacted: OutletOptions['redacted']): readonly ScopeMetrics[] {
  return scopes
    .map(({ scope, metrics }) => ({ scope, metrics: metrics.filter(hasPoints).map((each) => hidden(each, redacted)) }))
    .filter(({ metrics }) => metrics.length > 0)
}

function hasPoints({ dataPoints }: MetricData): boolean {
  return dataPoints.length > 0
}

function hidden<M extends MetricData>(metric: M, redacted: OutletOptions['redacted']): M {
  const dataPoints = (metric.dataPoints as DataPoint<unknown>[]).map((point) => ({
    ...point,
    attributes: redacted(point.attributes),
  }))
  return { ...metric, dataPoints }
}
