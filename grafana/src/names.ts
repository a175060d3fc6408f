/**
 * What the built files call each other by: uids of data sources and dashboards, folders in the container, variables.
 *
 * Fixed, because links, alert rules and bookmarks hold them. Never reused for something else.
 */

export const DATA_SOURCES = { loki: 'loki', tempo: 'tempo', prometheus: 'prometheus' } as const

/** The part of `/d/<uid>`. */
export const DASHBOARDS = {
  request: 'tracelog-follow-one-request',
  services: 'tracelog-services',
  cache: 'tracelog-cache',
  loadBalancer: 'tracelog-load-balancer',
  errors: 'tracelog-errors',
  pipeline: 'tracelog-pipeline-health',
  /** Only with compose.metrics.yaml: it reads Prometheus. */
  pipelineMetrics: 'tracelog-pipeline-metrics',
} as const

/** Each dashboard has it: the menu at the top lists all that do. */
export const TAG = 'tracelog'

/** Title of the folder of dashboards, and of alert rules. */
export const FOLDER = 'tracelog'

/** Where the container finds the JSON files. Not below provisioning/: a mount cannot lie in a read-only mount. */
export const DASHBOARD_PATHS = {
  always: '/etc/grafana/dashboards',
  withMetrics: '/etc/grafana/dashboards-metrics',
} as const

/**
 * Variables of Grafana's environment. Grafana knows no defaults for them (`${X:-y}` stays as it is written), so compose
 * gives http://loki:3100, http://tempo:3200, http://prometheus:9090.
 */
export const ADDRESSES = {
  loki: 'TRACELOG_LOKI_URL',
  tempo: 'TRACELOG_TEMPO_URL',
  prometheus: 'TRACELOG_PROMETHEUS_URL',
} as const

/** The same for X-Scope-OrgID: Loki and Tempo need it once they have tenants. compose gives tracelog, as the Collector. */
export const TENANT = 'TRACELOG_TENANT'
