/**
 * Metrics, where OTEL_METRICS_EXPORTER asks for them: loads their bundle, lets it measure the hops, and has what was measured collected
 * before anything is flushed or drained.
 */
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'

import type { AppConfig } from '../config/app-config.ts'
import { monotonicMillis } from '../diag/clock.ts'
import { sayOnce } from '../diag/events.ts'
import { messageOf } from '../diag/guarded.ts'
import { startTimer, stopTimer } from '../diag/timers.ts'
import { FLUSH_MILLIS, type FlushOptions } from '../export/pipeline-options.ts'
import type { AnyValue } from '../model/any-value.ts'
import type { LateChain } from './late-chain.ts'
import type { createMetrics, Metrics, MetricsOptions } from './metrics/metrics.ts'
import type { Outlet } from './outlet.ts'
import type { UserProcessors } from './user-processors.ts'

interface WithMetricsOptions {
  readonly config: AppConfig
  readonly version: string
  readonly chain: LateChain
  readonly processors: UserProcessors
  readonly detached: <T>(run: () => T) => T
}

/** @returns the chain's way out; without metrics as it is */
export function withMetrics({ config, version, chain, processors, detached }: WithMetricsOptions): Outlet {
  const { outlet } = chain
  if (config.metrics === undefined) return outlet
  const metrics = load({
    config: config.metrics,
    version,
    redacted: (attributes) => chain.encoded.redaction.spanAttributes(attributes as Record<string, AnyValue>),
    resource: () => chain.whole().sdkResource.attributes,
    consoleFormat: config.destinations.consoleFormat,
    lanes: () => chain.stats()?.lanes ?? [],
    send: (scopes) => chain.whole().pipeline.emitMetrics(scopes),
    flush: () => outlet.flush(),
    detached,
  })
  if (metrics === undefined) return outlet
  processors.add({ spanProcessors: [metrics.spans] })
  return collecting(outlet, metrics)
}

function load(options: MetricsOptions): Metrics | undefined {
  try {
    const path = fileURLToPath(new URL('./metrics.cjs', import.meta.url))
    const bundle = createRequire(import.meta.url)(path) as { createMetrics: typeof createMetrics }
    return options.detached(() => bundle.createMetrics(options))
  } catch (error) {
    sayOnce('metrics', `metrics could not be started: ${messageOf(error)}; nothing is measured`)
    return undefined
  }
}

function collecting(outlet: Outlet, metrics: Metrics): Outlet {
  let hadLastTurn = false
  return {
    ...outlet,
    flush: async (options) => outlet.flush(await afterCollecting(metrics, options)),
    shutdown: async (options) => {
      const left = await afterCollecting(metrics, options)
      metrics.stop()
      return outlet.shutdown(left)
    },
    lastTurn() {
      // What is observed is asked for once more: the process ends by itself, and is not held.
      if (!hadLastTurn) void metrics.collect()
      hadLastTurn = true
      outlet.lastTurn()
    },
    drain() {
      metrics.collectNow()
      outlet.drain()
    },
    drainWithin(millis) {
      // The process goes on: what the reader of standard output does not take is written later.
      metrics.collectNow({ isEnd: false })
      outlet.drainWithin(millis)
    },
  }
}

/** Callbacks of the application may take their time, and no more than there is. @returns what is left of it */
async function afterCollecting(
  metrics: Metrics,
  { timeoutMillis = FLUSH_MILLIS }: FlushOptions = {},
): Promise<FlushOptions> {
  const startedMillis = monotonicMillis()
  const { promise: late, resolve } = Promise.withResolvers<void>()
  const timer = startTimer(resolve, timeoutMillis)
  await Promise.race([metrics.collect(), late])
  stopTimer(timer)
  return { timeoutMillis: Math.max(0, timeoutMillis - (monotonicMillis() - startedMillis)) }
}
