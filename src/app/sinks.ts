/**
 * The chain behind record/: gate, redact, and into the pipeline. Here, so that every record of every source takes it.
 */
import type { AppConfig } from '../config/app-config.ts'
import { guarded } from '../diag/guarded.ts'
import type { ExportPipeline } from '../export/pipeline.ts'
import type { InstrumentationScope, LogRecord } from '../model/log-record.ts'
import { ATTR_LOG_RECORD_UID } from '../model/semconv.ts'
import type { SpanRecord } from '../model/span-record.ts'
import { FLAG_SAMPLED } from '../model/trace-context.ts'
import type { LevelGate } from '../process/level-gate.ts'
import type { Redactor } from '../process/redactor.ts'
import type { LogSink, SpanSink } from '../record/sinks.ts'
import { randomUuid } from './random-uuid.ts'

export interface SinkOptions {
  readonly config: AppConfig
  readonly gate: LevelGate
  readonly redactor: Redactor
  readonly pipeline: ExportPipeline
}

export function createLogSink({ config, gate, redactor, pipeline }: SinkOptions): LogSink {
  const { addsRecordUid } = config
  const { logsFollowSampling } = config.hops
  return {
    isEnabled: (severityNumber, scopeName) => pipeline.accepts('logs') && gate.isEnabled(severityNumber, scopeName),
    thresholdOf: (scopeName) => gate.thresholdOf(scopeName),
    lowestThreshold: () => gate.lowestThreshold(),
    emit: guarded('the log chain', (record: LogRecord, scope: InstrumentationScope) => {
      if (!pipeline.accepts('logs') || !gate.isEnabled(record.severityNumber, scope.name)) return
      if (logsFollowSampling && isUnsampled(record)) return
      const redacted = redactor.redactLog(record)
      pipeline.emitLog(addsRecordUid ? withUid(redacted) : redacted, redactor.redactScope(scope))
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

function isUnsampled(record: LogRecord): boolean {
  return record.traceId !== '' && (record.traceFlags & FLAG_SAMPLED) === 0
}

function withUid(record: LogRecord): LogRecord {
  return { ...record, attributes: { ...record.attributes, [ATTR_LOG_RECORD_UID]: randomUuid() } }
}
