/**
 * The hops' stages in the test's own process: real context, propagation, spans and records, with arrays at the end.
 *
 * Globals of the OpenTelemetry API are set once per test file.
 */
import { context, propagation, trace } from '@opentelemetry/api'

import type { HopInstrumentationOptions } from '../../src/capture/hop-instrumentations.ts'
import { TracelogContextManager } from '../../src/context/context-manager.ts'
import { createPropagator } from '../../src/context/propagation.ts'
import { createTrustedPeers } from '../../src/context/trusted-peers.ts'
import type { LogRecord } from '../../src/model/log-record.ts'
import type { SpanRecord } from '../../src/model/span-record.ts'
import { createLevelGate } from '../../src/process/level-gate.ts'
import { createRecordEmitter } from '../../src/record/create-record-emitter.ts'
import { createLevels } from '../../src/record/levels.ts'
import { createTracerProvider, type TracerProviderOptions } from '../../src/record/tracer-provider.ts'

export interface HopKit {
  readonly options: HopInstrumentationOptions
  readonly spans: SpanRecord[]
  readonly records: LogRecord[]
  /** Resolves when there are so many spans. */
  spansReach(count: number): Promise<void>
}

export function createHopKit(provider: Partial<TracerProviderOptions> = {}): HopKit {
  const contextManager = new TracelogContextManager()
  context.disable()
  context.setGlobalContextManager(contextManager)
  const trustedPeers = createTrustedPeers()
  const propagator = createPropagator({ trustedPeers })
  propagation.disable()
  propagation.setGlobalPropagator(propagator)
  const spans: SpanRecord[] = []
  const records: LogRecord[] = []
  const tracerProvider = createTracerProvider({ sink: { emit: (span) => void spans.push(span) }, ...provider })
  trace.disable()
  trace.setGlobalTracerProvider(tracerProvider)
  const sink = { emit: (record: LogRecord) => void records.push(record) }
  const levels = createLevels({ thresholds: createLevelGate({ environment: { severity: 1, scopes: [] } }) })
  return {
    spans,
    records,
    options: {
      tracerProvider,
      records: createRecordEmitter({ levels, sink }),
      storage: contextManager.storage,
      propagator,
      trustedPeers,
      serviceName: () => 'test',
      httpReferencePath: new URL('../../dist/http-reference.cjs', import.meta.url).pathname,
      ignorePaths: [],
    },
    async spansReach(count) {
      while (spans.length < count) await new Promise((resolve) => setImmediate(resolve))
    },
  }
}
