/**
 * What the end of a pipeline has to do with.
 */
import type { ConsoleSink } from './console-sink.ts'
import type { Intake } from './intake.ts'
import type { LaneView } from './lane-view.ts'
import type { Lane } from './lane.ts'
import type { LocalLink } from './local-link.ts'
import type { Stage } from './stage.ts'
import type { WorkerLink } from './worker/link.ts'

export interface EndOptions {
  readonly intake: Intake
  readonly stage: Stage
  /** Those that take batches. */
  readonly lanes: readonly Lane[]
  /** Those to standard output. */
  readonly printing: readonly LaneView[]
  readonly link: WorkerLink
  readonly local: LocalLink
  readonly console: ConsoleSink | undefined
  readonly delayMillis: number
  /** Runs something as if no request were being served. */
  readonly detached: <T>(run: () => T) => T
  /** Counts everything that is left as lost. */
  readonly onGiveUp: () => void
  /** Emits the reports of losses that are due. @returns whether there were any */
  readonly reportDrops: (isLast: boolean) => boolean
  /** Says what was lost since it was last said. */
  readonly sayDrops: () => void
  /** The process ends, and nothing is left in memory. */
  readonly onIdle: () => void
}
