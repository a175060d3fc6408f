/**
 * Panels, each with the question of an operator that it answers and with a unit.
 *
 * A panel that counts in Loki says that the count is approximate after a crash: a batch that was sent again is stored
 * once, but counted twice until its chunk is flushed.
 */
import type { Builder, Dataquery } from '@grafana/grafana-foundation-sdk/cog'
import {
  LegendDisplayMode,
  LegendPlacement,
  LogsDedupStrategy,
  LogsSortOrder,
  ReduceDataOptionsBuilder,
  SortOrder,
  TooltipDisplayMode,
  VizLegendOptionsBuilder,
  VizTooltipOptionsBuilder,
  type DataSourceRef,
} from '@grafana/grafana-foundation-sdk/common'
import { PanelBuilder as AnyPanelBuilder, type Panel } from '@grafana/grafana-foundation-sdk/dashboard'
import { PanelBuilder as LogsPanelBuilder } from '@grafana/grafana-foundation-sdk/logs'
import { PanelBuilder as StatPanelBuilder } from '@grafana/grafana-foundation-sdk/stat'
import { PanelBuilder as TablePanelBuilder } from '@grafana/grafana-foundation-sdk/table'
import { PanelBuilder as TimeSeriesPanelBuilder } from '@grafana/grafana-foundation-sdk/timeseries'

import { DATA_SOURCES } from './names.ts'
import type { Query } from './queries.ts'

export interface PanelOptions {
  readonly title: string
  /** What an operator wants to know, with its question mark; then, if need be, how to read the answer. */
  readonly question: string
  /** Of Grafana's list of units; `string` for records, which are none. */
  readonly unit: string
  readonly queries: readonly Query[]
  /** Of 24 columns. Default 12. */
  readonly width?: number
  /** Of rows of 30 pixels. Default 8. */
  readonly height?: number
}

/** What all builders of panels have. */
interface Describable extends Builder<Panel> {
  title(title: string): this
  description(description: string): this
  unit(unit: string): this
  span(width: number): this
  height(rows: number): this
  datasource(source: DataSourceRef): this
  targets(targets: Builder<Dataquery>[]): this
}

const MANY_SERIES = new VizTooltipOptionsBuilder().mode(TooltipDisplayMode.Multi).sort(SortOrder.Descending)

/** Curves over time, with the last and the highest value of each below. */
export function seriesPanel(options: PanelOptions): TimeSeriesPanelBuilder {
  const legend = new VizLegendOptionsBuilder()
    .displayMode(LegendDisplayMode.Table)
    .placement(LegendPlacement.Bottom)
    .showLegend(true)
    .calcs(['lastNotNull', 'max'])
  return described(new TimeSeriesPanelBuilder().legend(legend).tooltip(MANY_SERIES).fillOpacity(8).min(0), options)
}

/** One number, over the whole time range. */
export function numberPanel(options: PanelOptions): StatPanelBuilder {
  const last = new ReduceDataOptionsBuilder().calcs(['lastNotNull'])
  return described(new StatPanelBuilder().reduceOptions(last).noValue('none'), { width: 6, height: 4, ...options })
}

/** Rows; which columns there are is up to the transformations. */
export function tablePanel(options: PanelOptions): TablePanelBuilder {
  return described(new TablePanelBuilder().filterable(true), options)
}

/** Lines, each opens to show all its attributes and its links. */
export function linesPanel(options: PanelOptions, order: LogsSortOrder = LogsSortOrder.Descending): LogsPanelBuilder {
  const panel = new LogsPanelBuilder()
    .showTime(true)
    .wrapLogMessage(true)
    .enableLogDetails(true)
    .prettifyLogMessage(false)
    .dedupStrategy(LogsDedupStrategy.None)
    .sortOrder(order)
  return described(panel, { width: 24, height: 12, ...options })
}

/** The spans of one trace as bars. The SDK has no builder of this type. */
export function tracePanel(options: PanelOptions): AnyPanelBuilder {
  return described(new AnyPanelBuilder().type('traces'), { width: 24, height: 16, ...options })
}

function described<T extends Describable>(panel: T, options: PanelOptions): T {
  const { title, question, unit, queries, width = 12, height = 8 } = options
  const source = queries[0]?.source
  if (source === undefined) throw new Error(`panel "${title}" has no query`)
  const counts = queries.some((query) => query.source === 'loki' && /\[(\$__|\d)/.test(query.text))
  return panel
    .title(title)
    .description(counts ? `${question} Approximate after a crash.` : question)
    .unit(unit)
    .span(width)
    .height(height)
    .datasource({ type: source, uid: DATA_SOURCES[source] })
    .targets(queries.map((query, place) => query.build(String.fromCodePoint(65 + place))))
}
