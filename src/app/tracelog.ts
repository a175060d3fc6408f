/**
 * What the public API shows of the running engine: flush, shutdown, stats, setLevel.
 */
import { invalid } from '../config/env.ts'
import { safely } from '../diag/guarded.ts'
import { LEVEL_RULE, severityOf } from '../config/level-config.ts'
import { FLUSH_MILLIS, type FlushOptions, type FlushResult } from '../export/pipeline-options.ts'
import type { PipelineStats } from '../export/pipeline-stats.ts'
import type { LEVEL_NAMES } from '../model/severity.ts'
import type { Outlet } from './outlet.ts'
import type { LiveLevels } from './live-levels.ts'
import type { ReturnStats } from './return-stats.ts'
import type { UserProcessors } from './user-processors.ts'

export type LevelName = (typeof LEVEL_NAMES)[number]

export interface TracelogStats extends PipelineStats {
  /** Only where TRACELOG_RETURN is on. */
  readonly returned?: ReturnStats
}

/** The running instance. */
export interface Tracelog {
  /** Settles within `timeoutMillis` (default 5000) + 250, when all that was accepted before is answered for. Never rejects. */
  flush(options?: FlushOptions): Promise<FlushResult>
  /** Flushes; then nothing is captured any more. Everyone who asks gets the same promise. Never rejects. */
  shutdown(options?: FlushOptions): Promise<FlushResult>
  stats(): TracelogStats
  /**
   * From now on records are exported from this level up, of one scope (name prefix up to `.`, `:` or `/`) or of all without a rule.
   * Of this thread: worker threads of the application have levels of their own.
   *
   * @throws TRACELOG_CONFIG_INVALID for a level that there is not
   */
  setLevel(level: LevelName | 'off', scope?: string): void
}

export interface TracelogOptions {
  readonly pipeline: Outlet
  readonly processors: Pick<UserProcessors, 'flush' | 'shutdown'>
  readonly levels: LiveLevels
  /** `undefined`: nothing is returned to callers. */
  readonly returning: { stats(): ReturnStats; end(): void } | undefined
  /** Writes what libraries still keep. */
  readonly settle: () => void
  /** Takes every hook back. */
  readonly stop: () => void
}

export function createTracelog(parts: TracelogOptions): Tracelog {
  const { pipeline, processors, levels, returning, settle, stop } = parts
  let stopping: Promise<FlushResult> | undefined
  return {
    flush: (options) => {
      safely('flush', settle)
      return together(pipeline.flush(options), processors.flush(timeoutOf(options)))
    },
    shutdown: (options) => {
      safely('shutdown', settle)
      safely('shutdown', () => returning?.end())
      stopping ??= together(pipeline.shutdown(options), processors.shutdown(timeoutOf(options))).then((result) => {
        stop()
        return result
      })
      return stopping
    },
    stats: () => (returning === undefined ? pipeline.stats() : { ...pipeline.stats(), returned: returning.stats() }),
    setLevel: (level, scope: unknown) => {
      const severity = severityOf(level)
      if (severity === undefined) throw invalid('level', level, LEVEL_RULE)
      // Another scope than a text has no records.
      if (scope === undefined || typeof scope === 'string') levels.setLevel(severity, scope)
    },
  }
}

/** Whatever processors of the user keep counts too. */
async function together(ours: Promise<FlushResult>, theirs: Promise<boolean>): Promise<FlushResult> {
  const [result, areDone] = await Promise.all([ours, theirs])
  return areDone ? result : { ...result, isComplete: false }
}

function timeoutOf({ timeoutMillis = FLUSH_MILLIS }: FlushOptions = {}): number {
  return timeoutMillis
}
