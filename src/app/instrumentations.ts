/**
 * The one list of what is hooked. Owners of capture/ add their line here, in the order in which they are to be enabled.
 */
import type { AsyncLocalStorage } from 'node:async_hooks'
import { fileURLToPath } from 'node:url'

import type { Context } from '@opentelemetry/api'

import { createHopInstrumentations, type HopInstrumentationOptions } from '../capture/hop-instrumentations.ts'
import type { Instrumentation } from '../capture/instrumentation.ts'
import { libraryInstrumentation } from '../capture/library-instrumentation.ts'
import { createBunyanHook } from '../capture/loggers/bunyan/bunyan-hook.ts'
import { createConsoleInstrumentation } from '../capture/loggers/console.ts'
import { createPinoHook } from '../capture/loggers/pino/pino-hook.ts'
import { PINO } from '../capture/loggers/pino/pino-library.ts'
import { createStdioCapture } from '../capture/loggers/stdio-capture.ts'
import { createWinstonInstrumentation } from '../capture/loggers/winston/winston-instrumentation.ts'
import { createProcessEventsInstrumentation } from '../capture/process-events.ts'
import type { AppConfig } from '../config/app-config.ts'
import type { InheritedContext } from '../context/inherited-context.ts'
import type { UnitEnds } from '../context/request-unit.ts'
import type { TracelogPropagator } from '../context/propagation.ts'
import type { TrustedPeers } from '../context/trusted-peers.ts'
import type { EncodedSink } from '../record/encoded-sink.ts'
import type { RecordEmitter } from '../record/record-emitter.ts'
import type { TracelogTracerProvider } from '../record/tracer-provider.ts'
import { sayUnknownNames } from './instrumentation-names.ts'

/** What an instrumentation may be given. Each takes only what it needs, as its own options. */
export interface InstrumentationDeps {
  readonly config: AppConfig
  readonly records: RecordEmitter
  /** Straight to bytes, for records whose shape is known beforehand. */
  readonly encoded: EncodedSink
  /** Is told of requests; `undefined`: nobody is. */
  readonly units: UnitEnds | undefined
  readonly tracerProvider: TracelogTracerProvider
  /** The context manager's store. */
  readonly storage: AsyncLocalStorage<Context>
  readonly trustedPeers: TrustedPeers
  readonly propagator: TracelogPropagator
  /** What this process was started in. */
  readonly inherited: InheritedContext
  readonly serviceName: () => string
}

/** All that there are, none of them enabled yet. */
export function createInstrumentations(deps: InstrumentationDeps): readonly Instrumentation[] {
  const { records, config } = deps
  return [
    createProcessEventsInstrumentation(deps),
    createWinstonInstrumentation({ records, gatesBeforeFormat: config.gatesWinston }),
    libraryInstrumentation({
      name: 'bunyan',
      files: [{ package: 'bunyan', file: 'lib/bunyan.js' }],
      open: () => createBunyanHook({ records, hearsAll: config.hearsAllOfBunyan }),
    }),
    libraryInstrumentation({ ...PINO, open: () => createPinoHook({ records }) }),
    createConsoleInstrumentation(deps),
    createStdioCapture({ records, capturedBy: config.capturedBy }),
    ...createHopInstrumentations(hopSettings(deps)),
  ]
}

/** Those that TRACELOG_CONSOLE, TRACELOG_CAPTURE_STDIO, OTEL_NODE_ENABLED_INSTRUMENTATIONS and OTEL_NODE_DISABLED_INSTRUMENTATIONS leave. */
export function chosenOf(all: readonly Instrumentation[], config: AppConfig): readonly Instrumentation[] {
  const names = [...new Set(all.map(({ name }) => name))]
  if (!config.isDisabled) sayUnknownNames(config, names)
  const isOn = (name: string): boolean => {
    if (name === 'stdio') return config.capturesStdio
    return name !== 'console' || config.capturesConsole
  }
  return all.filter(({ name }) => isChosen(name, config) && isOn(name))
}

/** Whether instrumentations of that name are switched on. */
export function isChosen(name: string, config: AppConfig): boolean {
  const { enabledInstrumentations: only, disabledInstrumentations: without } = config
  return (only === undefined || only.includes(name)) && !without.includes(name)
}

/** What the hops of a request are told. */
export function hopSettings({ config, ...deps }: InstrumentationDeps): HopInstrumentationOptions {
  return {
    ...config.hops,
    ...deps,
    readsGrants: config.returning !== undefined,
    httpReferencePath: fileURLToPath(new URL('./http-reference.cjs', import.meta.url)),
  }
}
