/** Links between dashboards: a Viewer may open those, and none of Explore's. */
import { DashboardLinkBuilder, DashboardLinkType } from '@grafana/grafana-foundation-sdk/dashboard'

import { DASHBOARDS, TAG } from './names.ts'

/** The lines, the error and the spans of one request. @param traceId  a literal id or a variable of the place it is used in */
function requestUrl(traceId: string, spanId = ''): string {
  return `/d/${DASHBOARDS.request}?var-trace_id=${traceId}&var-span_id=${spanId}`
}

/**
 * The same from a place that does not know which time range is shown: a data source. Wide enough for what somebody looks
 * at, and not all that is kept: Loki finds a trace id by reading.
 */
export function requestOfToday(traceId: string, spanId = ''): string {
  return `${requestUrl(traceId, spanId)}&from=now-24h&to=now`
}

/** For tables: the value of the cell is a trace id. The time range and what was chosen above stay. */
export function requestLink(): DashboardLinkBuilder {
  const kept = '${__url_time_range}&${service:queryparam}&${environment:queryparam}'
  return new DashboardLinkBuilder('Lines of this request').url(`${requestUrl('${__value.raw}')}&${kept}`)
}

/** The menu at the top of each dashboard. */
export function dashboardMenu(): DashboardLinkBuilder {
  return new DashboardLinkBuilder('tracelog')
    .type(DashboardLinkType.Dashboards)
    .tags([TAG])
    .asDropdown(true)
    .includeVars(true)
    .keepTime(true)
}
