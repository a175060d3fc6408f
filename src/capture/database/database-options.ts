/**
 * What calls to databases are told from outside, and under which name they report.
 */
import type { AsyncLocalStorage } from 'node:async_hooks'

import type { Context } from '@opentelemetry/api'

import type { InstrumentationScope } from '../../model/log-record.ts'
import type { EncodedSink } from '../../record/encoded-sink.ts'
import type { HopTracer, TracelogTracerProvider } from '../../record/tracer-provider.ts'
import { DatabaseTemplates } from './database-template.ts'

/** Spans of databases are emitted under this name. */
const DATABASE_SCOPE: InstrumentationScope = { name: 'tracelog.database', version: '' }

/** As the hooks of libraries are told it. */
export interface DatabaseSettings {
  readonly tracerProvider: TracelogTracerProvider
  /** The context manager's store. */
  readonly storage: AsyncLocalStorage<Context>
  /** Straight to bytes. Default: all calls take the general way. */
  readonly encoded?: EncodedSink
}

export interface DatabaseOptions {
  readonly tracer: HopTracer
  readonly storage: AsyncLocalStorage<Context>
  /** For calls that end as most do. */
  readonly templates: DatabaseTemplates | undefined
}

export function databaseOptionsOf({ tracerProvider, storage, encoded }: DatabaseSettings): DatabaseOptions {
  return {
    tracer: tracerProvider.getTracer(DATABASE_SCOPE.name),
    storage,
    templates: encoded && new DatabaseTemplates(encoded, DATABASE_SCOPE),
  }
}
