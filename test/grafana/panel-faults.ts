/** What is wrong with a panel, by the rules that all panels of ours keep. Empty: nothing. */
import * as units from '@grafana/grafana-foundation-sdk/units'

import type { BuiltPanel } from '../stack/grafana/built-queries.ts'

const UNITS: ReadonlySet<unknown> = new Set(Object.values(units))

/** @param sources  `type uid` of each data source that is there */
export function panelFaults(panel: BuiltPanel, sources: readonly string[]): readonly string[] {
  const text = textOf(panel)
  const isLoki = panel.datasource.type === 'loki'
  const ranges = isLoki ? [...text.matchAll(/\[(\$__\w+|\d+[smh])\]/g)].map(([, range]) => range!) : []
  const description = panel.description ?? ''
  const faults: Readonly<Record<string, boolean>> = {
    'names no question': !/^[A-Z][^?]*\?/.test(description),
    'has no unit': !UNITS.has(panel.fieldConfig.defaults.unit),
    'counts in Loki and does not say "approximate after a crash"':
      ranges.length > 0 && !/approximate after a crash/i.test(description),
    'says "approximate after a crash" and does not count in Loki':
      ranges.length === 0 && /approximate after a crash/i.test(description),
    'asks a data source that is not there': [panel, ...panel.targets].some(
      ({ datasource }) => !sources.includes(`${datasource.type} ${datasource.uid}`),
    ),
    'selects a service by its name': /service_name="[^"]|service\.name="[^"]/.test(text),
    'reads what only load balancers write, and does not select them by their event':
      /unwrap tracelog_(?:lb_|upstream|retries)|by \(tracelog_upstream|tracelog_retries>/.test(text) &&
      !text.includes('event_name="tracelog.lb.end"'),
    // Points further apart than a fixed range would leave gaps between them.
    'counts over a fixed range': ranges.some((range) => !rangesOf(panel).includes(range)),
    'unwraps without a group: Loki stops at 500 series': /unwrap/.test(text) && !isGrouped(text),
  }
  return Object.keys(faults).filter((fault) => faults[fault])
}

export function textOf({ targets }: BuiltPanel): string {
  return targets.map(({ expr, query }) => expr ?? query).join('\n')
}

function rangesOf({ type, title }: BuiltPanel): readonly string[] {
  if (type === 'timeseries') return ['$__auto']
  return title.includes('in the last 5 minutes') ? ['5m'] : ['$__range']
}

/** Quantiles and extremes take a `by` themselves, sum_over_time needs a sum around it. */
function isGrouped(text: string): boolean {
  return text.split('\n').every((query) => {
    if (!query.includes('unwrap')) return true
    return query.includes('sum_over_time')
      ? /^sum(?: by \([^)]*\) )?\(sum_over_time\(/.test(query)
      : /_over_time\(.*\]\) by \(/.test(query)
  })
}
