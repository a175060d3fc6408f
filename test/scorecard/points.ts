/**
 * How many points a row has, from what vitest said of its files.
 */
import type { ScorecardRow } from './rows.ts'

/** Of a row that is met. */
export const FULL_POINTS = 4

/** What a run said of one test file; the lines that .ci/report.mjs writes. */
export interface FileResult {
  readonly module: string
  readonly isOk: boolean
  readonly passed: number
  readonly failed: readonly { readonly name: string }[]
  readonly skipped: readonly { readonly name: string }[]
}

export interface RowResult {
  readonly row: ScorecardRow
  /** 4 met; 2 met but for what the row names as left; 0 failed, skipped or not shown at all. */
  readonly points: number
  readonly passed: number
  readonly remark: string
}

/**
 * @param files    the row's files
 * @param results  by the file's name; a file without a result never reported
 */
export function pointsOf(
  row: ScorecardRow,
  files: readonly string[],
  results: ReadonlyMap<string, FileResult>,
): RowResult {
  const found = files.map((file) => results.get(file))
  const passed = found.reduce((sum, result) => sum + (result?.passed ?? 0), 0)
  const fault = files.length === 0 ? 'no test shows it' : faultOf(files, found)
  if (fault !== undefined) return { row, points: 0, passed, remark: fault }
  if (row.left !== undefined) return { row, points: FULL_POINTS / 2, passed, remark: `left: ${row.left}` }
  return { row, points: FULL_POINTS, passed, remark: '' }
}

function faultOf(files: readonly string[], found: readonly (FileResult | undefined)[]): string | undefined {
  const silent = files.filter((_, i) => found[i] === undefined)
  if (silent.length > 0) return `did not report: ${silent.join(', ')}`
  const failed = found.flatMap((result) => result?.failed ?? [])
  if (failed.length > 0) return `failed: ${failed[0]?.name}${failed.length > 1 ? ` and ${failed.length - 1} more` : ''}`
  const skipped = found.flatMap((result) => result?.skipped ?? [])
  if (skipped.length > 0) return `skipped: ${skipped[0]?.name}`
  const broken = found.filter((result) => result?.isOk === false)
  return broken.length > 0 ? `failed: ${broken[0]?.module}` : undefined
}
