/**
 * What painting a line of the grid needs beside the line.
 */
import type { TreeRow } from '../../../model/api.ts'
import type { ClockMode, TimeMode } from './at-text.ts'
import type { TimeWindow } from './bars.ts'
import type { GridLine } from './lines.ts'
import type { RequestModel } from './model.ts'

export interface PaintContext {
  readonly model: RequestModel
  readonly lines: readonly GridLine[]
  readonly mode: TimeMode
  readonly clocks: ClockMode
  readonly window: TimeWindow
  readonly isFolded: (index: number) => boolean
  readonly isDim: (row: TreeRow) => boolean
  /** The row that the reader is at; -1: none. */
  readonly current: number
}
