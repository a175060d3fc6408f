/**
 * The flight recorder as those see it who meet every request and every record: there from the start, made with the chain of records.
 *
 * What nearly all questions need is answered here, by the unit's own numbers.
 */
import { currentUnit, type RequestUnit, type UnitEnds } from '../context/request-unit.ts'
import { safely } from '../diag/guarded.ts'
import { listenUnseen } from '../diag/own-listeners.ts'
import { emptyRecorderStats, type RecorderStats } from '../model/recorder-stats.ts'
import type { Recorder, RecorderSettings } from '../process/recorder/recorder.ts'
import type { LevelHolder } from '../record/levels.ts'

export interface LateRecorder extends UnitEnds, LevelHolder {
  /** Hands over what is kept of the current unit; outside of one: nothing. */
  dump(text?: string): void
  /** Forgets it. */
  discard(): void
  stats(): RecorderStats
  /** Nothing is kept any more. */
  stop(): void
}

export interface LateRecorderOptions {
  readonly settings: Pick<RecorderSettings, 'dumpFrom'>
  /** Makes it. */
  readonly whole: () => Recorder | undefined
  /** `undefined`: nobody has needed it yet. */
  readonly made: () => Recorder | undefined
}

export function lateRecorder({ settings, whole, made }: LateRecorderOptions): LateRecorder {
  const withUnit = (use: (recorder: Recorder, unit: RequestUnit) => void): void => {
    safely('the recorder', () => {
      const unit = currentUnit()
      const recorder = made()
      if (unit !== undefined && recorder !== undefined) use(recorder, unit)
    })
  }
  // Before all others: they finish the requests that are cut off. A signal comes without.
  const unwatchExit = listenUnseen(
    process,
    'exit',
    (code: unknown) => {
      if (code !== 0) made()?.processFails()
    },
    { isFirst: true },
  )
  return {
    isHolding: true,
    watchesFrom: settings.dumpFrom,
    holds: (severityNumber, unit) =>
      unit !== undefined && severityNumber >= unit.recorderFrom && whole()?.holds(unit) === true,
    expect: () => whole()?.beginKeeping(),
    onBegin: (unit) => whole()?.onBegin(unit),
    onEnd: (unit, end) => whole()?.onEnd(unit, end),
    onDumpAsked: (unit, isAtBegin) => whole()?.onDumpAsked(unit, isAtBegin),
    onTaskFailed: (unit, errorType) => made()?.onTaskFailed(unit, errorType),
    asksForDump: (unit, status) => made()?.asksForDump(unit, status) === true,
    dump: (text) => withUnit((recorder, unit) => recorder.dump(unit, text)),
    discard: () => withUnit((recorder, unit) => recorder.discard(unit)),
    stats: () => made()?.stats() ?? emptyRecorderStats(),
    stop() {
      unwatchExit()
      made()?.stop()
    },
  }
}
