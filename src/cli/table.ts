/**
 * Columns and rows -> a table of text: numbers to the right, long values cut to the terminal's width.
 */
import type { SqlAnswer } from '../sources/log-source.ts'
import type { Paint } from '../tree/text/paint.ts'
import { visibleLine } from '../model/visible-text.ts'
import { fit, padEnd, padStart, widthOf } from '../model/text-width.ts'

export interface TableOptions {
  readonly paint: Paint
  /** Cells in a row; `undefined`: nothing is cut. */
  readonly columns: number | undefined
}

/** A narrower column says nothing. Cells. */
const MIN_COLUMN = 6
const GAP = '  '

/** @returns the lines: names, a rule, the rows */
export function renderTable({ columns, rows }: SqlAnswer, { paint, columns: total }: TableOptions): string[] {
  const cells = rows.map((row) => columns.map((_, i) => cellText(row[i])))
  const isNumber = columns.map(
    (_, i) => rows.some((row) => isNumeric(row[i])) && rows.every((row) => row[i] === null || isNumeric(row[i])),
  )
  const natural = columns.map(({ name }, i) =>
    Math.max(widthOf(visibleLine(name)), ...cells.map((row) => widthOf(row[i] as string))),
  )
  const widths = total === undefined ? natural : shrink(natural, total - GAP.length * (columns.length - 1))
  const line = (values: readonly string[]): string =>
    values
      .map((value, i) => cell(value, widths[i] as number, isNumber[i] as boolean))
      .join(GAP)
      .trimEnd()
  return [
    paint.tone('bold', line(columns.map(({ name }) => visibleLine(name)))),
    paint.tone('dim', widths.map((width) => '─'.repeat(width)).join(GAP)),
    ...cells.map(line),
  ]
}

function cell(value: string, width: number, toTheRight: boolean): string {
  const fitted = fit(value, width)
  return toTheRight ? padStart(fitted, width) : padEnd(fitted, width)
}

function cellText(value: unknown): string {
  if (value === null || value === undefined) return 'NULL'
  return visibleLine(typeof value === 'string' ? value : JSON.stringify(value))
}

/** 64-bit numbers arrive as text. */
function isNumeric(value: unknown): boolean {
  return typeof value === 'number' || (typeof value === 'string' && /^-?\d{16,20}$/.test(value))
}

/** The widest columns give first. */
function shrink(natural: readonly number[], total: number): number[] {
  const widths = [...natural]
  let over = widths.reduce((sum, width) => sum + width, 0) - total
  while (over > 0) {
    const widest = Math.max(...widths)
    if (widest <= MIN_COLUMN) break
    widths[widths.indexOf(widest)] = widest - 1
    over--
  }
  return widths
}
