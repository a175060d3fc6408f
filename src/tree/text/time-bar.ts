/**
 * When it happened, as a picture: one row's share of the whole request between two edges.
 */
import type { TreeRow } from '../../model/api.ts'

/** Cells between the edges. Source: spec/backend, the terminal form of a trace. */
export const BAR_CELLS = 14

/** `█` a span that was received, `▒` one that is inferred, `░` one without an end, `·` a line, `✖` an error. */
export function timeBar(row: TreeRow, wholeMillis: number): string {
  const cells = row.kind === 'span' ? spanCells(row, wholeMillis) : pointCells(row, wholeMillis)
  return `▕${cells.padEnd(BAR_CELLS)}▏`
}

function spanCells(row: TreeRow, wholeMillis: number): string {
  const from = cellAt(row.at_ms, wholeMillis)
  const isOpen = row.took_ms === null || row.took_ms === undefined
  const length = isOpen ? BAR_CELLS - from : Math.round(share(row.took_ms, wholeMillis) * BAR_CELLS)
  const glyph = isOpen ? '░' : row.inferred === true ? '▒' : '█'
  return ' '.repeat(from) + glyph.repeat(Math.min(Math.max(1, length), BAR_CELLS - from))
}

function pointCells(row: TreeRow, wholeMillis: number): string {
  const isError = row.level === 'ERROR' || row.level === 'FATAL'
  return ' '.repeat(cellAt(row.at_ms, wholeMillis)) + (isError ? '✖' : '·')
}

function cellAt(millis: number, wholeMillis: number): number {
  return Math.min(BAR_CELLS - 1, Math.floor(share(millis, wholeMillis) * BAR_CELLS))
}

function share(millis: number, wholeMillis: number): number {
  return wholeMillis <= 0 ? 0 : Math.min(1, Math.max(0, millis / wholeMillis))
}
