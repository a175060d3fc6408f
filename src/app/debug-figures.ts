/**
 * TRACELOG_DEBUG=1: what became of every record so far, one line per lane, one of the flight recorder and one of the libraries, once a
 * minute where something changed, and at the end of the process. The numbers are those of `stats()`.
 */
import { tell } from '../diag/events.ts'
import { startTimer, stopTimer } from '../diag/timers.ts'
import type { PipelineStats } from '../export/pipeline-stats.ts'
import { laneLine } from '../export/stats-line.ts'
import type { RecorderStats } from '../model/recorder-stats.ts'
import { recorderLine } from './recorder-line.ts'

/** Milliseconds. */
const EVERY_MILLIS = 60_000

export interface FigureOptions {
  readonly isOn: boolean
  /** `undefined` while nothing was accepted. */
  readonly stats: () => PipelineStats | undefined
  /** `undefined`: there is none. */
  readonly recorder?: (() => RecorderStats) | undefined
  /** What there is to say of them now, in lines. Default: nothing. */
  readonly libraries?: () => readonly string[]
  /** Runs something as if no request were being served. */
  readonly detached: <T>(run: () => T) => T
  /** Default 60,000. */
  readonly everyMillis?: number
}

export interface Figures {
  /** Now, unless the last lines said the same. */
  say(): void
  stop(): void
}

export function watchFigures(options: FigureOptions): Figures {
  const { isOn, stats, recorder, libraries, detached, everyMillis = EVERY_MILLIS } = options
  if (!isOn) return { say: () => {}, stop: () => {} }
  let said = ''
  let timer: NodeJS.Timeout | undefined
  const say = () => {
    const lanes = stats()?.lanes.filter(({ emitted }) => emitted > 0) ?? []
    const kept = recorder && recorderLine(recorder())
    const lines = [...lanes.map(laneLine), ...(kept === undefined ? [] : [kept]), ...(libraries?.() ?? [])]
    const text = lines.join('\n')
    if (text === said) return
    said = text
    for (const line of lines) tell(line)
  }
  const wait = () => {
    timer = startTimer(() => {
      say()
      wait()
    }, everyMillis)
    timer.unref()
  }
  detached(wait)
  return { say, stop: () => stopTimer(timer) }
}
