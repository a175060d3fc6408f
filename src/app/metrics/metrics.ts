/**
 * Metrics: OpenTelemetry's SDK measures, metrics-outlet.ts says where it goes. A bundle of its own, loaded where OTEL_METRICS_EXPORTER asks
 * for it.
 *
 * Its meters are the API's, so that those of the application and its libraries arrive too.
 */
import { metrics as metricsApi } from '@opentelemetry/api'
import { MeterProvider } from '@opentelemetry/sdk-metrics'

import { safely } from '../../diag/guarded.ts'
import { startTimer, stopTimer } from '../../diag/timers.ts'
import type { LaneStats } from '../../export/pipeline-stats.ts'
import type { SpanProcessor } from '../../record/processors.ts'
import { Collection, collectedNow } from './metric-collection.ts'
import { metricsOutlet, NO_RESOURCE, type OutletOptions } from './metrics-outlet.ts'
import { observeOwn } from './own-metrics.ts'
import { spanMetrics } from './span-metrics.ts'

export interface MetricsOptions extends OutletOptions {
  readonly version: string
  readonly lanes: () => readonly LaneStats[]
  /** Sends all that was accepted. */
  readonly flush: () => Promise<unknown>
}

export interface Metrics {
  /** Measures hops. */
  readonly spans: SpanProcessor
  /** Collects and hands over, with the application's callbacks. Never rejects. */
  collect(): Promise<void>
  /** The same at once. @param options  `isEnd`, default true: what waits to be written is waited for, the process ends */
  collectNow(options?: { readonly isEnd: boolean }): void
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
  const collected = () => reader.collected(provider).catch(() => [])
  const outlet = metricsOutlet(options, collected)
  const collect = async (): Promise<void> => {
    if (outlet.isAsked) return
    const scopes = await collected()
    safely('metrics', () => outlet.take(scopes))
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
  const stopTimes = outlet.isAsked ? () => {} : every(config.intervalMillis, () => detached(() => void collectInTurn()))
  return {
    spans: spanMetrics(meter),
    collect,
    collectNow: ({ isEnd } = { isEnd: true }) =>
      safely('metrics', () => {
        if (!outlet.isAsked) outlet.take(collectedNow(provider))
        if (isEnd) outlet.drain()
      }),
    stop() {
      stopTimes()
      outlet.stop()
    },
  }
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
