/**
 * Metrics: OpenTelemetry's SDK measures, our pipeline sends. A bundle of its own, loaded where OTEL_METRICS_EXPORTER asks for it.
 *
 * Its meters are the API's, so that those of the application and its libraries arrive too.
 */
import { metrics as metricsApi } from '@opentelemetry/api'
import { ProtobufMetricsSerializer } from '@opentelemetry/otlp-transformer'
import { resourceFromAttributes } from '@opentelemetry/resources'
import { MeterProvider, type DataPoint, type MetricData, type ScopeMetrics } from '@opentelemetry/sdk-metrics'

import type { MetricsConfig } from '../../config/metrics-config.ts'
import { safely } from '../../diag/guarded.ts'
import { startTimer, stopTimer } from '../../diag/timers.ts'
import type { LaneStats } from '../../export/pipeline-stats.ts'
import { scopesOfRequest } from '../../model/request-parts.ts'
import type { ScopeRecords } from '../../model/otlp-request.ts'
import type { SdkAttributes } from '../../model/sdk-types.ts'
import type { SpanProcessor } from '../../record/processors.ts'
import { Collection, collectedNow } from './metric-collection.ts'
import { observeOwn } from './own-metrics.ts'
import { spanMetrics } from './span-metrics.ts'

export interface MetricsOptions {
  readonly config: MetricsConfig
  readonly version: string
  /** Hides secrets. */
  readonly redacted: (attributes: SdkAttributes) => SdkAttributes
  readonly lanes: () => readonly LaneStats[]
  readonly send: (scopes: readonly ScopeRecords[]) => void
  /** Sends all that was accepted. */
  readonly flush: () => Promise<unknown>
  /** Runs something as if no request were being served. */
  readonly detached: <T>(run: () => T) => T
}

export interface Metrics {
  /** Measures hops. */
  readonly spans: SpanProcessor
  /** Collects and hands over, with the application's callbacks. Never rejects. */
  collect(): Promise<void>
  /** The same at once: the process ends. */
  collectNow(): void
  stop(): void
}

/** Nothing of it but a `flush` keeps the process alive. */
export function createMetrics(options: MetricsOptions): Metrics {
  const { config, version, detached } = options
  const reader = new Collection(config, async () => {
    await collect()
    await options.flush()
  })
  const provider = new MeterProvider({ resource: NO_RESOURCE, readers: [reader] })
  const collect = async (): Promise<void> => {
    const collected = await reader.collected(provider).catch(() => [])
    safely('metrics', () => handOver(collected, options))
  }
  let isCollecting = false
  /** One at a time: a callback of the application may take longer than the interval. */
  const collectInTurn = async (): Promise<void> => {
    if (isCollecting) return
    isCollecting = true
    await collect()
    isCollecting = false
  }
  metricsApi.setGlobalMeterProvider(provider)
  const meter = provider.getMeter('tracelog', version)
  observeOwn(meter, options.lanes)
  const stop = every(config.intervalMillis, () => detached(() => void collectInTurn()))
  return {
    spans: spanMetrics(meter),
    collect,
    collectNow: () => safely('metrics', () => handOver(collectedNow(provider), options)),
    stop,
  }
}

/** The pipeline knows whose they are. */
const NO_RESOURCE = resourceFromAttributes({})

function handOver(collected: readonly ScopeMetrics[], { redacted, send }: MetricsOptions): void {
  const scopeMetrics = collected
    .map(({ scope, metrics }) => ({ scope, metrics: metrics.filter(hasPoints).map((each) => hidden(each, redacted)) }))
    .filter(({ metrics }) => metrics.length > 0)
  if (scopeMetrics.length === 0) return
  const request = ProtobufMetricsSerializer.serializeRequest({ resource: NO_RESOURCE, scopeMetrics })
  if (request !== undefined) send(scopesOfRequest(request))
}

function hasPoints({ dataPoints }: MetricData): boolean {
  return dataPoints.length > 0
}

function hidden<M extends MetricData>(metric: M, redacted: MetricsOptions['redacted']): M {
  const dataPoints = (metric.dataPoints as DataPoint<unknown>[]).map((point) => ({
    ...point,
    attributes: redacted(point.attributes),
  }))
  return { ...metric, dataPoints }
}

/** @returns stops it */
function every(millis: number, run: () => void): () => void {
  let timer: NodeJS.Timeout
  const again = () => {
    timer = startTimer(() => {
      again()
      run()
    }, millis)
    timer.unref()
  }
  again()
  return () => stopTimer(timer)
}
