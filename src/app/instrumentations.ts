/**
 * The one list of what is hooked. Owners of capture/ add their line here, in the order in which they are to be enabled.
 */
import type { AsyncLocalStorage } from 'node:async_hooks'

import type { Context } from '@opentelemetry/api'

import { createHopInstrumentations, type HopInstrumentationOptions } from '../capture/hop-instrumentations.ts'
import type { Instrumentation } from '../capture/instrumentation.ts'
import { createConsoleInstrumentation } from '../capture/loggers/console.ts'
import { createProcessEventsInstrumentation } from '../capture/process-events.ts'
import type { AppConfig } from '../config/app-config.ts'
import type { TracelogPropagator } from '../context/propagation.ts'
import type { TrustedPeers } from '../context/trusted-peers.ts'
import type { RecordEmitter } from '../record/record-emitter.ts'
import type { TracelogTracerProvider } from '../record/tracer-provider.ts'

/** What an instrumentation may be given. Each takes only what it needs, as its own options. */
export interface InstrumentationDeps {
  readonly config: AppConfig
  readonly records: RecordEmitter
  readonly tracerProvider: TracelogTracerProvider
  /** The context manager's store. */
  readonly storage: AsyncLocalStorage<Context>
  readonly trustedPeers: TrustedPeers
  readonly propagator: TracelogPropagator
  readonly serviceName: string
  /** Made by start.ts, which also gives it the copies of winston that applications hand over. */
  readonly winston: Instrumentation
}

/** Those that OTEL_NODE_ENABLED_INSTRUMENTATIONS and OTEL_NODE_DISABLED_INSTRUMENTATIONS leave, none of them enabled yet. */
export function createInstrumentations(deps: InstrumentationDeps): readonly Instrumentation[] {
  const all: readonly Instrumentation[] = [
    createProcessEventsInstrumentation(deps),
    deps.winston,
    ...(deps.config.capturesConsole ? [createConsoleInstrumentation(deps)] : []),
    ...createHopInstrumentations(hopSettings(deps)),
  ]
  const { enabledInstrumentations: only, disabledInstrumentations: without } = deps.config
  return all.filter(({ name }) => (only === undefined || only.includes(name)) && !without.includes(name))
}

/** What the hops of a request are told. */
export function hopSettings({ config, ...deps }: InstrumentationDeps): HopInstrumentationOptions {
  return { ...config.hops, ...deps }
}
