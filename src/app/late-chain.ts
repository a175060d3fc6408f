/**
 * The chain of records as the rest of app/ sees it: there from the start, made by the first record or whoever asks for what only it has.
 *
 * A process that writes nothing (a command, a build step) pays neither for its code nor for its tables.
 */
import { monotonicMillis } from '../diag/clock.ts'
import type { Composition } from '../export/lane-spec.ts'
import type { Pipeline } from '../export/pipeline-options.ts'
import type { PipelineStats } from '../export/pipeline-stats.ts'
import type { Signal } from '../model/signal.ts'
import type { RecorderSettings } from '../process/recorder/recorder.ts'
import type { EncodedSink } from '../record/encoded-sink.ts'
import type { LogSink, SpanSink } from '../record/sinks.ts'
import type { Outlet } from './outlet.ts'
import { lateRecorder, type LateRecorder } from './late-recorder.ts'
import type { RecordChain } from './record-chain.ts'
import type { WitnessSeat } from './witness.ts'

export interface LateChain {
  readonly logs: LogSink
  readonly spans: SpanSink
  readonly encoded: EncodedSink
  readonly recorder: LateRecorder | undefined
  readonly outlet: Outlet
  /** Makes it. */
  whole(): RecordChain
  /** `undefined` while there is no record. */
  stats(): PipelineStats | undefined
}

interface LateChainOptions {
  readonly lanes: Composition
  /** `undefined`: there is none. */
  readonly recorder: RecorderSettings | undefined
  readonly seat: WitnessSeat
  /** Called once. */
  readonly create: () => RecordChain
}

export function lateChain({ lanes, recorder: settings, seat, create }: LateChainOptions): LateChain {
  let made: RecordChain | undefined
  /** What the end of the process wanted before there was a record: it holds for those that still come. */
  let ending: ((pipeline: Pipeline) => void) | undefined
  const whole = () => {
    if (made !== undefined) return made
    made = create()
    ending?.(made.pipeline)
    return made
  }
  const waysOut = new Set(lanes.map((lane) => lane.signal))
  const hasWayOut = (signal: Signal) => waysOut.has(signal)
  return {
    whole,
    stats: () => made?.pipeline.stats(),
    logs: {
      emit: (record, scope, verdict, active) => whole().logs.emit(record, scope, verdict, active),
      hold: (record, severityNumber) => whole().logs.hold?.(record, severityNumber),
    },
    recorder: settings && lateRecorder({ settings, whole: () => whole().recorder, made: () => made?.recorder }),
    spans: {
      emit: (span, scope) => {
        if (hasWayOut('spans') || seat.current !== undefined) whole().spans.emit(span, scope)
      },
    },
    encoded: {
      get redaction() {
        return whole().encoded.redaction
      },
      get clock() {
        return whole().encoded.clock
      },
      takes: (signal) =>
        seat.current === undefined && (made !== undefined || hasWayOut(signal)) && whole().encoded.takes(signal),
      append: (kind, subject, write) => whole().encoded.append(kind, subject, write),
    },
    outlet: {
      accepts: (signal) => (made === undefined ? hasWayOut(signal) : made.pipeline.accepts(signal)),
      stats: () => whole().pipeline.stats(),
      flush: (options) => whole().pipeline.flush(options),
      shutdown: (options) => whole().pipeline.shutdown(options),
      drain() {
        if (made === undefined) ending = (pipeline) => pipeline.drain()
        else made.pipeline.drain()
      },
      drainWithin(millis) {
        if (made !== undefined) return made.pipeline.drainWithin(millis)
        const until = monotonicMillis() + millis
        ending = (pipeline) => pipeline.drainWithin(Math.max(0, until - monotonicMillis()))
      },
      lastTurn: () => made?.pipeline.lastTurn(),
      sayLast: () => made?.pipeline.sayLast(),
      goOn() {
        ending = undefined
        made?.pipeline.goOn()
      },
    },
  }
}
