/**
 * The chain behind record/: hold or redact, and into the pipeline. Here, so that every record of every source takes it.
 */
import type { Context } from '@opentelemetry/api'

import type { AppConfig } from '../config/app-config.ts'
import { WholeRecord, type HeldRecord } from '../context/held-record.ts'
import { unitOf, type RequestUnit, type UnitReturn } from '../context/request-unit.ts'
import type { AnchoredClock } from '../diag/clock.ts'
import { guarded } from '../diag/guarded.ts'
import type { Pipeline } from '../export/pipeline-options.ts'
import type { Attributes } from '../model/any-value.ts'
import type { InstrumentationScope, LogRecord } from '../model/log-record.ts'
import type { SdkResource } from '../model/sdk-types.ts'
import { ATTR_LOG_RECORD_UID } from '../model/semconv.ts'
import { SEVERITY_WARN } from '../model/severity.ts'
import type { Signal } from '../model/signal.ts'
import type { SpanRecord } from '../model/span-record.ts'
import { FLAG_SAMPLED } from '../model/trace-context.ts'
import type { Redactor } from '../process/redactor.ts'
import type { DumpTarget } from '../process/recorder/hand-over.ts'
import type { Kept } from '../record/levels.ts'
import type { EncodedSink } from '../record/encoded-sink.ts'
import type { LogSink, SpanSink } from '../record/sinks.ts'
import { randomUuid } from './random-uuid.ts'
import { createLogStep, type UserProcessors } from './user-processors.ts'
import type { WitnessSeat } from './witness.ts'

/** Who keeps what is held, and is told what is exported from where it wants to know. */
export interface RecordKeeper {
  keep(record: HeldRecord, unit: RequestUnit, severityNumber: number): void
  beforeExport(record: LogRecord, scope: InstrumentationScope, unit: RequestUnit): void
}

export interface SinkOptions {
  readonly config: AppConfig
  /** Where held records go; without one no record is held. */
  readonly recorder?: RecordKeeper | undefined
  readonly redactor: Redactor
  readonly pipeline: Pipeline
  readonly processors: UserProcessors
  readonly seat: WitnessSeat
  /** Shown to processors. */
  readonly resource: SdkResource
}

export function createLogSink(options: SinkOptions): LogSink {
  const { config, recorder, seat, redactor } = options
  const { logsFollowSampling } = config.hops
  /** Somebody wants to know whose records they are. */
  const isHolding = recorder !== undefined || config.returning !== undefined
  const write = createLogWriter(options)
  /** It leaves now, whatever the level says. @returns false: it is not for the caller */
  const relay = (held: HeldRecord, unit: RequestUnit, returning: UnitReturn): boolean => {
    const { scope, active } = held
    const record = held.toRecord()
    const marks = returning.write(record, scope)
    if (marks === undefined) return false
    recorder?.beforeExport(record, scope, unit)
    write(marked(record, marks), scope, active)
    return true
  }
  const hold = (held: HeldRecord, severityNumber: number): void => {
    const { active } = held
    const unit = unitOf(active)
    if (unit?.returning?.isRelayed === true && relay(held, unit, unit.returning)) return
    if (seat.current !== undefined) {
      if (seat.current.wants(severityNumber, active)) {
        const record = redactor.redactLog(held.toRecord())
        seat.current.log(record, redactor.redactScope(held.scope), { active, isHeld: true })
      }
    }
    const marks = unit?.returning?.write(held.toRecord(), held.scope)
    if (unit === undefined) return
    const isForOthers = seat.current !== undefined || unit.returning !== undefined
    // It may be held for them alone.
    if (isForOthers && severityNumber < unit.recorderFrom) return
    recorder?.keep(marks === undefined ? held : markedHeld(held, marks), unit, severityNumber)
  }
  return {
    emit: guarded('the log chain', (record: LogRecord, scope: InstrumentationScope, verdict: Kept, active: Context) => {
      const { severityNumber } = record
      if (verdict === 'hold' || (logsFollowSampling && isUnsampled(record))) {
        if (isHolding || seat.current !== undefined) hold(new WholeRecord(record, scope, active), severityNumber)
        return
      }
      const unit = isHolding ? unitOf(active) : undefined
      if (unit !== undefined) {
        const marks = unit.returning?.write(record, scope)
        recorder?.beforeExport(record, scope, unit)
        if (marks !== undefined) return write(marked(record, marks), scope, active)
      }
      write(record, scope, active)
    }),
    hold: guarded('the log chain', hold),
  }
}

/** What a dump hands over takes the ordinary way. */
export function createDumpTarget(options: Omit<SinkOptions, 'recorder'>): DumpTarget {
  const write = createLogWriter(options)
  return {
    accepts: () => options.seat.current !== undefined || options.pipeline.accepts('logs'),
    emit: guarded('the recorder', (record: LogRecord, scope: InstrumentationScope, active: Context) =>
      // Where there is no room the lowest goes first: the lines of what failed count more than the good ones' INFO.
      write(record, scope, active, Math.max(record.severityNumber, SEVERITY_WARN)),
    ),
  }
}

type LogWriter = (record: LogRecord, scope: InstrumentationScope, active: Context, rank?: number) => void

function createLogWriter(options: Omit<SinkOptions, 'recorder'>): LogWriter {
  const { config, redactor, pipeline, processors, seat, resource } = options
  const { addsRecordUid } = config
  const isReturning = config.returning !== undefined
  const showLog = createLogStep({ processors: processors.logs, redactor, resource })
  return (record, scope, active, rank) => {
    const shownScope = redactor.redactScope(scope)
    const redacted = redactor.redactLog(addsRecordUid ? withUid(record) : record)
    const shown = showLog(redacted, shownScope, active)
    if (seat.current !== undefined) {
      seat.current.log(shown, shownScope, { active, isHeld: false })
    }
    // Others may want what nothing leaves by.
    if ((seat.current !== undefined || isReturning) && !pipeline.accepts('logs')) return
    pipeline.emitLog(shown, shownScope, rank)
  }
}

export function createSpanSink({
  redactor,
  pipeline,
  seat,
}: Pick<SinkOptions, 'redactor' | 'pipeline' | 'seat'>): SpanSink {
  return {
    emit: guarded('the span chain', (span: SpanRecord, scope: InstrumentationScope) => {
      const isAccepted = pipeline.accepts('spans')
      if (!isAccepted && seat.current === undefined) return
      const redacted = redactor.redactSpan(span)
      const redactedScope = redactor.redactScope(scope)
      seat.current?.span(redacted, redactedScope)
      if (isAccepted) pipeline.emitSpan(redacted, redactedScope)
    }),
  }
}

export interface EncodedSinkOptions extends Omit<SinkOptions, 'resource' | 'recorder' | 'seat'> {
  readonly clock: AnchoredClock
}

/**
 * Straight to bytes, where no stage wants to see a record (spec: decisions, 16): no processor, sampler or limit of the user's, no ids
 * of ours. What is held, and what the recorder watches for, never comes here: who emits tells them apart
 * (record/create-record-emitter.ts). The pipeline knows of the ways out that want records as objects.
 */
export function createEncodedSink(options: EncodedSinkOptions): EncodedSink {
  const { config, clock, redactor, pipeline, processors } = options
  const { sampler, spanLimits, logsFollowSampling } = config.hops
  const isPlain: Readonly<Record<Signal, boolean>> = {
    logs: !config.addsRecordUid && !logsFollowSampling,
    spans: sampler.name === 'parentbased_always_on' && Object.keys(spanLimits).length === 0,
  }
  return {
    redaction: redactor.parts,
    clock,
    takes: (signal) => isPlain[signal] && processors[signal].isEmpty && pipeline.takesBytes(signal),
    append: (kind, subject, write) => pipeline.append(kind, subject, write),
  }
}

/** Says of a record that its caller was sent it. */
function marked(record: LogRecord, marks: Attributes): LogRecord {
  return { ...record, attributes: { ...record.attributes, ...marks } }
}

function markedHeld(held: HeldRecord, marks: Attributes): HeldRecord {
  return new WholeRecord(marked(held.toRecord(), marks), held.scope, held.active)
}

function isUnsampled(record: LogRecord): boolean {
  return record.traceId !== '' && (record.traceFlags & FLAG_SAMPLED) === 0
}

function withUid(record: LogRecord): LogRecord {
  return { ...record, attributes: { ...record.attributes, [ATTR_LOG_RECORD_UID]: randomUuid() } }
}
