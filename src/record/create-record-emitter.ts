/**
 * Joins what a bridge knows of a record with the time and the span it belongs to, and hands it to the sink.
 *
 * `tracelog.seq` is added by the export stage: only there is the order of all records known.
 */
import { context, trace, type Context, type SpanContext } from '@opentelemetry/api'

import { recordNodeOf } from '../context/current-task-node.ts'
import { hopOf, unitOf, type RequestUnit } from '../context/request-unit.ts'
import { joined, type TaskNode } from '../context/task-node.ts'
import { createClock, type Clock, type ClockAnchor } from '../diag/clock.ts'
import type { EncodedSink } from './encoded-sink.ts'
import type { Levels } from './levels.ts'
import { PlainRecordWriter } from './plain-record.ts'
import { withRequestFields } from './request-fields.ts'
import type { PlainInput, RecordEmitter, RecordInput } from './record-emitter.ts'
import type { Attributes } from '../model/any-value.ts'
import type { LogRecord } from '../model/log-record.ts'
import { SEVERITY_INFO } from '../model/severity.ts'
import { FLAG_SAMPLED } from '../model/trace-context.ts'
import { RecordingSpan } from './recording-span.ts'
import type { LogSink } from './sinks.ts'
import { withTask } from './task-fields.ts'

export interface RecordEmitterOptions {
  readonly levels: Levels
  readonly sink: LogSink
  /** Straight to bytes, where nobody wants to see a record. Default: all go to the sink. */
  readonly encoded?: EncodedSink | undefined
  /** Whose records nobody takes, by the context that they come from. Default: nobody's. */
  readonly isUnheard?: ((active: Context) => boolean) | undefined
  /** Records of traces that are not sampled are held as well. Default false. */
  readonly followsSampling?: boolean
  /** Default: a clock of its own. */
  readonly clock?: Clock
}

/** What the API returns for "no span". */
const INVALID_TRACE_ID = '00000000000000000000000000000000'

/** The one emitter of a process; every bridge and the Logs API write through it. */
export function createRecordEmitter(options: RecordEmitterOptions): RecordEmitter {
  const { levels, sink, encoded, isUnheard, followsSampling = false, clock = createClock() } = options
  const plain = encoded === undefined ? undefined : new PlainRecordWriter(encoded)
  return {
    levels,
    judge(severityNumber, scopeName, at, isPrinted) {
      const unit = levels.isHolding ? unitOf(at ?? context.active()) : undefined
      return levels.judge(severityNumber, scopeName, unit, isPrinted)
    },
    nowUnixNano: () => clock.nowUnixNano(),
    emitPlain(input, scope, verdict) {
      const isHeld = verdict === 'hold'
      if (encoded === undefined || plain === undefined || (isHeld && sink.hold === undefined)) return false
      const active = input.context ?? context.active()
      if (isUnheard?.(active) === true) return true
      const unit = unitOf(active)
      const node = recordNodeOf(active, unit)
      if (!isHeld && isForGeneralPath(unit, node, input.severityNumber, levels)) return false
      const sinceOriginMillis = encoded.clock.sinceOriginMillis()
      const anchor = encoded.clock.anchorAt(sinceOriginMillis)
      const timeUnixNano = givenTime(input, anchor, sinceOriginMillis)
      const span = spanOf(active, unit)
      const ids = span === unit ? unit?.ids : undefined
      const fields = unit?.fields
      if (!isHeld) {
        const around = node === undefined ? fields : joined(fields, node.fields)
        return plain.write(input, scope, { timeUnixNano, sinceOriginMillis, anchor, span, ids, around, node })
      }
      const occasion = { timeUnixNano, sinceOriginMillis, anchor, span, ids }
      const held = plain.snapshot(input, occasion, { scope, active, fields, node })
      if (held === undefined) return false
      sink.hold?.(held, input.severityNumber)
      return true
    },
    emit(input, scope, verdict) {
      const now = clock.nowUnixNano()
      const active = input.context ?? context.active()
      if (isUnheard?.(active) === true) return
      const unit = unitOf(active)
      const span = spanOf(active, unit)
      const node = recordNodeOf(active, unit)
      const isUnsent = verdict === 'hold' || (followsSampling && isUnsampled(span))
      const fields = unit?.fields
      const attributes =
        node === undefined
          ? withRequestFields(input.attributes, fields)
          : withTask(input.attributes, { node, fields, isUnsent })
      sink.emit(recordOf(input, { now, attributes, span }), scope, verdict, active)
    },
  }
}

interface AroundInput {
  readonly now: bigint
  readonly attributes: Attributes
  readonly span: Pick<SpanContext, SpanIds> | undefined
}

function recordOf(input: RecordInput, { now, attributes, span }: AroundInput): LogRecord {
  return {
    timeUnixNano: timeOf(input, now),
    observedTimeUnixNano: input.observedTimeUnixNano ?? now,
    severityNumber: input.severityNumber,
    severityText: input.severityText ?? '',
    eventName: input.eventName ?? '',
    body: input.body,
    attributes,
    traceId: span?.traceId ?? '',
    spanId: span?.spanId ?? '',
    traceFlags: span?.traceFlags ?? 0,
    droppedAttributesCount: input.droppedAttributesCount ?? 0,
  }
}

/** Somebody wants to see the record before it is written, or it is one of few. */
function isForGeneralPath(
  unit: RequestUnit | undefined,
  node: TaskNode | undefined,
  severityNumber: number,
  { watchesFrom }: Levels,
): boolean {
  if (node?.hasEnded === true) return true
  if (unit === undefined) return false
  return unit.returning !== undefined || (severityNumber || SEVERITY_INFO) >= watchesFrom
}

function isUnsampled(span: Pick<SpanContext, SpanIds> | undefined): boolean {
  return span !== undefined && (span.traceFlags & FLAG_SAMPLED) === 0
}

/**
 * The active span; below a span that another SDK records, and that we will never see, that of the request. So records stand where
 * a reader of our spans looks for them.
 */
function spanOf(active: Context, unit: RequestUnit | undefined): Pick<SpanContext, SpanIds> | undefined {
  if (unit !== undefined && hopOf(active) === unit) return unit
  const span = trace.getSpan(active)
  if (unit !== undefined && span?.isRecording() === true && !(span instanceof RecordingSpan)) return unit
  const found = span?.spanContext()
  return found?.traceId === INVALID_TRACE_ID ? undefined : found
}

type SpanIds = 'traceId' | 'spanId' | 'traceFlags'

/** @returns `undefined`: it is the time at which it was seen */
function givenTime(input: PlainInput, anchor: ClockAnchor, sinceOriginMillis: number): bigint | undefined {
  const { timeMillis, timeUnixNano } = input
  if (timeMillis === undefined)
    return timeUnixNano === undefined ? undefined : timeOf(input, anchor.unixNano(sinceOriginMillis))
  // Of this very millisecond, as nearly all: what was cut off is put back, without a bigint.
  const since = anchor.nanosSince(timeMillis, sinceOriginMillis)
  if (since >= 0 && since < NANOS_PER_MILLI) return undefined
  const given = BigInt(timeMillis) * MILLI
  return timeOf({ timeUnixNano: given, isTimeCut: true }, anchor.unixNano(sinceOriginMillis))
}

const NANOS_PER_MILLI = 1e6

type GivenTime = Pick<PlainInput, 'timeUnixNano' | 'isTimeCut'>

const MILLI = 1_000_000n
/** Formats and streams between the logger's clock and ours take less. Nanoseconds. */
const JUST_NOW = 5n * MILLI

function timeOf({ timeUnixNano: given, isTimeCut }: GivenTime, now: bigint): bigint {
  if (given === undefined) return now
  const since = now - given
  if (isTimeCut !== true || since < 0n || since > JUST_NOW || given % MILLI !== 0n) return given
  return given + (since < MILLI ? since : MILLI - 1n)
}
