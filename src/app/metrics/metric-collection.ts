/**
 * Collecting what was measured: asynchronously while the process runs, and at once where it ends, for nobody can be waited for there.
 *
 * At once means: counters and histograms as they stand, observed values as they were observed last. The SDK has no such way; its storages
 * are read here as its MetricCollector reads them (sdk-metrics 3.1, which is bundled; test/app/metrics holds this to what it gives).
 */
import { millisToHrTime } from '@opentelemetry/core'
import {
  AggregationTemporality,
  AggregationType,
  InstrumentType,
  MetricReader,
  type MeterProvider,
  type MetricData,
  type ScopeMetrics,
} from '@opentelemetry/sdk-metrics'

import type { MetricsConfig } from '../../config/metrics-config.ts'
import { wallMillis } from '../../diag/clock.ts'
import { startTimer, stopTimer } from '../../diag/timers.ts'

/** How long the application's callbacks may take. Milliseconds. Source: the specification's time-out of an export. */
const CALLBACK_MILLIS = 30_000

export class Collection extends MetricReader {
  readonly #onFlush: () => Promise<void>

  /** @param onFlush  the application flushes the provider */
  constructor(
    { temporality, histogram }: Pick<MetricsConfig, 'temporality' | 'histogram'>,
    onFlush: () => Promise<void>,
  ) {
    super({
      aggregationTemporalitySelector: (type) => temporalityOf(type, temporality),
      aggregationSelector: (type) => ({
        type:
          type === InstrumentType.HISTOGRAM && histogram === 'base2_exponential_bucket_histogram'
            ? AggregationType.EXPONENTIAL_HISTOGRAM
            : AggregationType.DEFAULT,
      }),
    })
    this.#onFlush = onFlush
  }

  /** With the application's callbacks; without those that take too long. */
  async collected(provider: MeterProvider): Promise<readonly ScopeMetrics[]> {
    const { promise: late, resolve } = Promise.withResolvers<undefined>()
    // The SDK's own time-out would keep the process alive.
    const timer = startTimer(() => resolve(undefined), CALLBACK_MILLIS)
    timer.unref()
    const collected = await Promise.race([this.collect(), late]).finally(() => stopTimer(timer))
    return collected === undefined ? collectedNow(provider) : collected.resourceMetrics.scopeMetrics
  }

  protected override onForceFlush(): Promise<void> {
    return this.#onFlush()
  }

  protected override onShutdown(): Promise<void> {
    return this.#onFlush()
  }
}

interface Storage {
  collect(collector: object, time: readonly [number, number]): MetricData | undefined
}
interface SharedState {
  readonly metricCollectors: readonly object[]
  readonly meterSharedStates: ReadonlyMap<string, MeterState>
}
interface MeterState {
  readonly _instrumentationScope: ScopeMetrics['scope']
  readonly metricStorageRegistry: { getStorages(collector: object): readonly Storage[] }
}

/** @param provider  with one reader */
export function collectedNow(provider: MeterProvider): readonly ScopeMetrics[] {
  const { metricCollectors, meterSharedStates } = (provider as unknown as { _sharedState: SharedState })._sharedState
  const [collector] = metricCollectors
  if (collector === undefined) return []
  const time = millisToHrTime(wallMillis())
  return [...meterSharedStates.values()].map(({ _instrumentationScope: scope, metricStorageRegistry }) => ({
    scope,
    metrics: metricStorageRegistry
      .getStorages(collector)
      .map((storage) => storage.collect(collector, time))
      .filter((metric) => metric !== undefined && metric !== null),
  }))
}

/** Source: the specification's OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE. */
function temporalityOf(type: InstrumentType, preference: MetricsConfig['temporality']): AggregationTemporality {
  const { COUNTER, HISTOGRAM, OBSERVABLE_COUNTER } = InstrumentType
  const delta = { cumulative: [], lowmemory: [COUNTER, HISTOGRAM], delta: [COUNTER, HISTOGRAM, OBSERVABLE_COUNTER] }
  const isDelta = (delta[preference] as readonly InstrumentType[]).includes(type)
  return isDelta ? AggregationTemporality.DELTA : AggregationTemporality.CUMULATIVE
}
