/**
 * What one line of the logs shows: its text with its error, and the fields that tell it from its neighbours. Pure.
 */
import type { LogRow } from '../../../model/api.ts'
import { rowId } from '../../../model/log-row.ts'
import { errorInFields, messageWithError } from '../../../model/row-words.ts'
import { shownFields } from '../../../model/shown-fields.ts'
import { formatValue } from '../format.ts'

/** A record, or a row that says what is not here. Another object when it changes. */
export type Line =
  | {
      readonly kind: 'log'
      readonly key: string
      readonly row: LogRow
      readonly text: string
      readonly fields: readonly Field[]
    }
  | { readonly kind: 'note'; readonly key: string; readonly text: string }

export type Field = readonly [name: string, value: string]

/** They fill the line and tell nothing of what happened; the fields of a record have them all. */
const NOISE: ReadonlySet<string> = new Set(['request_id', 'seq', 'logger', 'service.instance.id', 'instance'])
/** More of them never fit. */
const MOST_FIELDS = 10
/** Fewer lines say nothing of what all have in common. */
const ENOUGH = 5

/** @param common  fields that are told once, elsewhere */
export function lineOf(row: LogRow, common: ReadonlyMap<string, string> = new Map()): Line {
  const { text, said } = messageWithError(row.message, errorInFields(row), row)
  const fields = shownFields(row, said)
    .filter(([name]) => !NOISE.has(name))
    .map(([name, value]): Field => [name, formatValue(value)])
    .filter(([name, value]) => common.get(name) !== value)
    .slice(0, MOST_FIELDS)
  return { kind: 'log', key: rowId(row), row, text, fields }
}

export function note(key: string, text: string): Line {
  return { kind: 'note', key, text }
}

/** Fields that every row has, with the same value: they are said once above the list. */
export function commonFields(rows: readonly LogRow[]): ReadonlyMap<string, string> {
  const [first, ...others] = rows
  if (first === undefined || rows.length < ENOUGH) return new Map()
  const candidates = shownFields(first).filter(([name]) => !NOISE.has(name))
  const same = candidates.filter(([name, value]) =>
    others.every((row) => formatValue(row[name]) === formatValue(value)),
  )
  return new Map(same.map(([name, value]) => [name, formatValue(value)]))
}
