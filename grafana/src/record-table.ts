/**
 * Records of Loki as a table: one column per attribute.
 *
 * Loki's rows have all attributes in one field, `labels`, as text. Grafana takes them apart (extractFields), makes
 * numbers of some (convertFieldType) and keeps those that are named here.
 */
import type { DataTransformerConfig } from '@grafana/grafana-foundation-sdk/dashboard'
import type { PanelBuilder as TablePanelBuilder } from '@grafana/grafana-foundation-sdk/table'

import { requestLink } from './links.ts'

export interface Column {
  /** As Loki names it. */
  readonly attribute: string
  readonly shown: string
  /** Given for numbers; without one it is text. */
  readonly unit?: string
  /** When several records become one row. Default: the last one that has a value. */
  readonly across?: 'max' | 'sum' | 'last'
}

type Order = 'newest first' | 'oldest first'

/** What tells one request from another in a list. */
export const REQUEST_COLUMNS: readonly Column[] = [
  { attribute: 'trace_id', shown: 'Request' },
  { attribute: 'http_request_method', shown: 'Method' },
  { attribute: 'url_path', shown: 'Path' },
  { attribute: 'http_response_status_code', shown: 'Status', unit: 'none', across: 'max' },
  { attribute: 'tracelog_response_time_ms', shown: 'Duration', unit: 'ms', across: 'max' },
  { attribute: 'tracelog_cache_hit', shown: 'Cache hit' },
]

/** One row per record. */
export function recordsAsRows(
  panel: TablePanelBuilder,
  columns: readonly Column[],
  order: Order = 'newest first',
): TablePanelBuilder {
  const shown = [{ attribute: 'Time', shown: 'Time' }, ...columns]
  const steps = [
    ...takenApart(columns),
    ...arranged(
      shown.map((column) => [column.attribute, column.shown]),
      order,
    ),
  ]
  return withColumns(panel.transformations(steps), columns)
}

/** One row per trace id: all its records together. Newest first. */
export function requestsAsRows(panel: TablePanelBuilder, columns: readonly Column[]): TablePanelBuilder {
  return groupsAsRows(panel, columns, { by: 'trace_id', shown: 'Request', time: 'max', order: 'newest first' })
}

/** One row per span: all its records together, at the time of the first. Oldest first. */
export function spansAsRows(panel: TablePanelBuilder, columns: readonly Column[]): TablePanelBuilder {
  return groupsAsRows(panel, columns, { by: 'span_id', shown: 'Span', time: 'min', order: 'oldest first' })
}

interface Grouping {
  readonly by: string
  readonly shown: string
  /** Which time of a row's records is shown. */
  readonly time: 'min' | 'max'
  readonly order: Order
}

function groupsAsRows(
  panel: TablePanelBuilder,
  columns: readonly Column[],
  { by, shown, time, order }: Grouping,
): TablePanelBuilder {
  const grouped = columns.filter((column) => column.attribute !== by)
  const fields: Record<string, unknown> = {
    [by]: { operation: 'groupby', aggregations: [] },
    Time: { operation: 'aggregate', aggregations: [time] },
  }
  for (const column of grouped) {
    fields[column.attribute] = { operation: 'aggregate', aggregations: [calculation(column)] }
  }
  const names: [string, string][] = [
    [`Time (${time})`, 'Time'],
    [by, shown],
    ...grouped.map((column): [string, string] => [`${column.attribute} (${calculation(column)})`, column.shown]),
  ]
  const steps = [...takenApart(columns), { id: 'groupBy', options: { fields } }, ...arranged(names, order)]
  return withColumns(panel.transformations(steps), columns)
}

/** One row per group of a query for numbers. @param shown  what the number is */
export function numbersAsRows(panel: TablePanelBuilder, shown: string): TablePanelBuilder {
  const options = { excludeByName: { Time: true }, renameByName: { 'Value #A': shown } }
  return panel.transformations([{ id: 'organize', options }])
}

function calculation({ across = 'last' }: Column): string {
  return across === 'last' ? 'lastNotNull' : across
}

function takenApart(columns: readonly Column[]): DataTransformerConfig[] {
  const numbers = columns.filter((column) => column.unit !== undefined)
  const conversions = numbers.map((column) => ({ targetField: column.attribute, destinationType: 'number' }))
  return [
    // replace: what was there before goes, or there would be two fields named Time.
    { id: 'extractFields', options: { source: 'labels', format: 'json', keepTime: true, replace: true } },
    { id: 'convertFieldType', options: { conversions } },
  ]
}

/** Only these fields, in this order, under these names. */
function arranged(names: readonly (readonly [string, string])[], order: Order): DataTransformerConfig[] {
  return [
    { id: 'filterFieldsByName', options: { include: { names: names.map(([name]) => name) } } },
    {
      id: 'organize',
      options: {
        indexByName: Object.fromEntries(names.map(([name], place) => [name, place])),
        renameByName: Object.fromEntries(names),
      },
    },
    { id: 'sortBy', options: { sort: [{ field: 'Time', desc: order === 'newest first' }] } },
  ]
}

function withColumns(panel: TablePanelBuilder, columns: readonly Column[]): TablePanelBuilder {
  for (const { shown, unit } of columns) {
    if (unit !== undefined) panel.overrideByName(shown, [{ id: 'unit', value: unit }])
  }
  return panel.overrideByName('Request', [{ id: 'links', value: [requestLink().build()] }])
}
