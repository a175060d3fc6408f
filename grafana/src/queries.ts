/** One query of a panel, to Loki, Tempo or Prometheus. Reference ids are given by their place in the panel. */
import type { Builder, Dataquery } from '@grafana/grafana-foundation-sdk/cog'
import { DataqueryBuilder as LokiQueryBuilder, LokiQueryDirection } from '@grafana/grafana-foundation-sdk/loki'
import { DataqueryBuilder as PrometheusQueryBuilder } from '@grafana/grafana-foundation-sdk/prometheus'
import {
  DataqueryBuilder as TempoQueryBuilder,
  MetricsQueryType,
  SearchTableType,
} from '@grafana/grafana-foundation-sdk/tempo'

import { DATA_SOURCES } from './names.ts'

/** Loki gives no more rows than this for one query (maxLines of the data source). */
const MAX_LINES = 1_000

export interface Query {
  /** What is asked: LogQL, TraceQL or PromQL. */
  readonly text: string
  readonly source: keyof typeof DATA_SOURCES
  build(refId: string): Builder<Dataquery>
}

/** A number over time. @param legend  `{{label}}` is replaced */
export function lokiSeries(text: string, legend = ''): Query {
  const base = (): LokiQueryBuilder => lokiQuery(text).queryType('range').legendFormat(legend)
  return { text, source: 'loki', build: (refId) => base().refId(refId) }
}

/** One number per row, now, over the chosen time range. */
export function lokiNow(text: string, legend = ''): Query {
  const base = (): LokiQueryBuilder => lokiQuery(text).queryType('instant').legendFormat(legend)
  return { text, source: 'loki', build: (refId) => base().refId(refId) }
}

/** Records themselves. */
export function lokiRecords(text: string, maxLines: number = MAX_LINES): Query {
  const base = (): LokiQueryBuilder =>
    lokiQuery(text).queryType('range').maxLines(maxLines).direction(LokiQueryDirection.Backward)
  return { text, source: 'loki', build: (refId) => base().refId(refId) }
}

/** One whole trace. @param traceId  a literal id or a variable */
export function tempoTrace(traceId: string): Query {
  return { text: traceId, source: 'tempo', build: (refId) => tempoQuery(traceId).refId(refId) }
}

/** Spans or traces that match. */
export function tempoSearch(text: string, limit: number, rows: SearchTableType = SearchTableType.Spans): Query {
  return {
    text,
    source: 'tempo',
    build: (refId) => tempoQuery(text).limit(limit).spss(3).tableType(rows).refId(refId),
  }
}

/** A number over time out of spans; Tempo computes it, no Prometheus is needed. */
export function tempoSeries(text: string): Query {
  return {
    text,
    source: 'tempo',
    build: (refId) => tempoQuery(text).metricsQueryType(MetricsQueryType.Range).refId(refId),
  }
}

export function prometheusSeries(text: string, legend: string): Query {
  const datasource = { type: 'prometheus', uid: DATA_SOURCES.prometheus }
  return {
    text,
    source: 'prometheus',
    build: (refId) =>
      new PrometheusQueryBuilder().datasource(datasource).expr(text).range().legendFormat(legend).refId(refId),
  }
}

function lokiQuery(text: string): LokiQueryBuilder {
  return new LokiQueryBuilder().datasource({ type: 'loki', uid: DATA_SOURCES.loki }).expr(text)
}

function tempoQuery(text: string): TempoQueryBuilder {
  return new TempoQueryBuilder().datasource({ type: 'tempo', uid: DATA_SOURCES.tempo }).queryType('traceql').query(text)
}
