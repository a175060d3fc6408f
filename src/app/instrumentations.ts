/**
 * The one list of what is hooked. Owners of capture/ add their line here, in the order in which they are to be enabled.
 */
import type { TracerProvider } from '@opentelemetry/api'

import type { Instrumentation } from '../capture/instrumentation.ts'
import type { AppConfig } from '../config/app-config.ts'
import type { RecordEmitter } from '../record/record-emitter.ts'

/** What an instrumentation may be given. Each takes only what it needs, as its own options. */
export interface InstrumentationDeps {
  readonly config: AppConfig
  readonly records: RecordEmitter
  readonly tracerProvider: TracerProvider
}

/** Those that OTEL_NODE_ENABLED_INSTRUMENTATIONS and OTEL_NODE_DISABLED_INSTRUMENTATIONS leave, none of them enabled yet. */
export function createInstrumentations(deps: InstrumentationDeps): readonly Instrumentation[] {
  const all: readonly Instrumentation[] = []
  const { enabledInstrumentations: only, disabledInstrumentations: without } = deps.config
  return all.filter(({ name }) => (only === undefined || only.includes(name)) && !without.includes(name))
}
