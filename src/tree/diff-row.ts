/**
 * One row of two requests side by side.
 */
import type { TreeRow } from '../model/api.ts'

/** `added`, `gone`, `slower`: of the second, seen from the first. A change of status or level is told before one of time. */
export type Change = 'same' | 'added' | 'gone' | 'slower' | 'faster' | 'status' | 'level'
export interface DiffRow {
  readonly change: Change
  readonly depth: number
  /** The row of the first; absent: added. */
  readonly a?: TreeRow
  /** The row of the second; absent: gone. */
  readonly b?: TreeRow
}
