/**
 * The chain behind record/: redact, and into the pipeline. Here, so that every record of every source takes it.
 */
import type { Context } from '@opentelemetry/api'

import type { AppConfig } from '../config/app-config.ts'
import { unitOf, type RequestUnit } from '../context/request-unit.ts'
import type { AnchoredClock } from '../diag/clock.ts'
import { guarded } from '../diag/guarded.ts'
import type { Pipeline } from '../export/pipeline-options.ts'
import type { InstrumentationScope, LogRecord } from '../model/log-record.ts'
import type { SdkResource } from '../model/sdk-types.ts'
import { ATTR_LOG_RECORD_UID } from '../model/semconv.ts'
import type { Signal } from '../model/signal.ts'
import type { SpanRecord } from '../model/span-record.ts'
import { FLAG_SAMPLED } from '../model/trace-context.ts'
import type { Redactor } from '../process/redactor.ts'
import type { Kept, LevelHolder } from '../record/levels.ts'
import type { EncodedSink } from '../record/encoded-sink.ts'
import type { LogSink, SpanSink } from '../record/sinks.ts'
import { randomUuid } from './random-uuid.ts'
import { createLogStep, type UserProcessors } from './user-processors.ts'

/** Who holds records keeps them too, as they were logged: not yet redacted. */
export interface RecordHolder extends LevelHolder {
  keep(record: LogRecord, scope: InstrumentationScope, unit: RequestUnit | undefined): void
}

export interface SinkOptions {
  readonly config: AppConfig
  /** Where held records go; without one no record is held. */
  readonly holder?: RecordHolder | undefined
  readonly redactor: Redactor
  readonly pipeline: Pipeline
  readonly processors: UserProcessors
  /** Shown to processors. */
  readonly resource: SdkResource
}

export function createLogSink(options: SinkOptions): LogSink {
  const { config, holder, redactor, pipeline, processors, resource } = options
  const { addsRecordUid } = config
  const { logsFollowSampling } = config.hops
  const showLog = createLogStep({ processors: processors.logs, redactor, resource })
  return {
    emit: guarded('the log chain', (record: LogRecord, scope: InstrumentationScope, verdict: Kept, active: Context) => {
      if (verdict === 'hold') return holder?.keep(record, scope, unitOf(active))
      if (logsFollowSampling && isUnsampled(record)) return
      const shownScope = redactor.redactScope(scope)
      const redacted = redactor.redactLog(addsRecordUid ? withUid(record) : record)
      pipeline.emitLog(showLog(redacted, shownScope, active), shownScope)
    }),
  }
}

export function createSpanSink({ redactor, pipeline }: Pick<SinkOptions, 'redactor' | 'pipeline'>): SpanSink {
  return {
    emit: guarded('the span chain', (span: SpanRecord, scope: InstrumentationScope) => {
      if (pipeline.accepts('spans')) pipeline.emitSpan(redactor.redactSpan(span), redactor.redactScope(scope))
    }),
  }
}

export interface EncodedSinkOptions extends Omit<SinkOptions, 'resource'> {
  readonly clock: AnchoredClock
}

/**
 * Straight to bytes, where no stage wants to see a record (spec: decisions, 16): no processor, sampler or limit of the user's,
 * nobody who holds records, no ids of ours. The pipeline knows of the ways out that want records as objects.
 */
export function createEncodedSink(options: EncodedSinkOptions): EncodedSink {
  const { config, clock, holder, redactor, pipeline, processors } = options
  const { sampler, spanLimits, logsFollowSampling } = config.hops
  const isPlain: Readonly<Record<Signal, boolean>> = {
    logs: holder === undefined && !config.addsRecordUid && !logsFollowSampling,
    spans: sampler.name === 'parentbased_always_on' && Object.keys(spanLimits).length === 0,
  }
  return {
    redaction: redactor.parts,
    clock,
    takes: (signal) => isPlain[signal] && processors[signal].isEmpty && pipeline.takesBytes(signal),
    append: (kind, subject, write) => pipeline.append(kind, subject, write),
  }
}

function isUnsampled(record: LogRecord): boolean {
  return record.traceId !== '' && (record.traceFlags & FLAG_SAMPLED) === 0
}

function withUid(record: LogRecord): LogRecord {
  return { ...record, attributes: { ...record.attributes, [ATTR_LOG_RECORD_UID]: randomUuid() } }
}
