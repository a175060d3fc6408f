/**
 * Lines as files: flat lines as JSON, one per line, and a table for spreadsheets. Pure.
 */
import type { LogRow } from '../../../model/api.ts'
import { formatValue } from '../format.ts'

/** Columns that every table has, in this order; the others follow as they come. */
const FIRST = ['timestamp', 'level', 'service', 'message', 'trace_id', 'span_id']
/** A spreadsheet would take the text for a formula. */
const FORMULA = /^[=+\-@\t\r]/

export function flatText(rows: readonly LogRow[]): string {
  return rows.map((row) => `${JSON.stringify(row)}\n`).join('')
}

export function csvText(rows: readonly LogRow[]): string {
  const names = [...new Set([...FIRST, ...rows.flatMap((row) => Object.keys(row))])]
  return [names, ...rows.map((row) => names.map((name) => row[name]))]
    .map((cells) => `${cells.map(cell).join(',')}\r\n`)
    .join('')
}

function cell(value: unknown): string {
  if (value === undefined || value === null) return ''
  // A number is none, whatever its sign is.
  if (typeof value === 'number') return String(value)
  const text = formatValue(value)
  const safe = FORMULA.test(text) ? `'${text}` : text
  // A semicolon parts cells too, where spreadsheets read a comma as a decimal point.
  return /[",;\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}
