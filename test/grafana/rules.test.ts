/** What every dashboard, panel and alert rule of grafana/ must have, asked of the built files. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

import { describe, expect, test } from 'vitest'

import {
  dashboardsOf,
  GRAFANA_FOLDER,
  provisioned,
  rulesOf,
  type BuiltDashboard,
  type BuiltPanel,
  type BuiltRule,
} from '../stack/grafana/built-queries.ts'
import { panelFaults, textOf } from './panel-faults.ts'

const ADDRESSES = {
  TRACELOG_LOKI_URL: 'http://loki:3100',
  TRACELOG_TEMPO_URL: 'http://tempo:3200',
  TRACELOG_PROMETHEUS_URL: 'http://prometheus:9090',
}
interface Sources {
  readonly datasources: readonly { readonly uid: string; readonly type: string; readonly url: string }[]
}
const sources = (folder: string): Sources => provisioned(`${folder}/datasources/tracelog.yaml`, ADDRESSES) as Sources

const always = dashboardsOf('dashboards')
const withMetrics = dashboardsOf('dashboards-metrics')
const dashboards = [...always, ...withMetrics]
const panels = dashboards.flatMap((dashboard) =>
  dashboard.panels.map((panel) => ({ name: `${dashboard.title}: ${panel.title}`, dashboard, panel })),
)
test('the dashboards are the six of the stack, and one more with Prometheus', () => {
  expect(always.map(({ title }) => title).toSorted()).toEqual(
    ['Cache', 'Errors', 'Follow one request', 'Load balancer', 'Pipeline health', 'Services'].toSorted(),
  )
  expect(withMetrics.map(({ title }) => title)).toEqual(['Pipeline metrics'])
  expect(new Set(dashboards.map(({ uid }) => uid)).size).toBe(dashboards.length)
})

describe.each(dashboards.map((dashboard) => [dashboard.title, dashboard] as const))('%s', (_, dashboard) => {
  test('is in the menu, shows the last hour, and has panels with numbers and places of their own', () => {
    expect(dashboard).toMatchObject({ tags: ['tracelog'], time: { from: 'now-1h', to: 'now' } })
    expect(new Set(dashboard.panels.map(({ id }) => id)).size).toBe(dashboard.panels.length)
    const places = dashboard.panels.flatMap(placesOf)
    expect(new Set(places).size).toBe(places.length)
  })

  test('uses each of its variables, and only its own', () => {
    const text = dashboard.panels.map(textOf).join('\n')
    const used = [...text.matchAll(/\$\{?([a-z_]+)/g)].map(([, name]) => name!).filter((name) => !name.startsWith('__'))
    const own = dashboard.templating.list.map(({ name }) => name)
    expect([...new Set(used)].toSorted()).toEqual(own.toSorted())
  })
})

test.each(always.map((dashboard) => [dashboard.title, dashboard] as const))(
  '%s can be narrowed to services, an environment and a level; All includes what has none',
  (_, dashboard) => {
    const value = (name: string): string | undefined =>
      dashboard.templating.list.find((variable) => variable.name === name)?.allValue
    expect(dashboard.templating.list.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['service', 'environment', 'level']),
    )
    // Loki gives each record a service, and refuses a selector that may be empty throughout.
    expect(new RegExp(`^(?:${value('service')})$`).test('')).toBe(false)
    expect(new RegExp(`^(?:${value('environment')})$`).test('')).toBe(true)
  },
)

test.each(panels.map(({ name, panel, dashboard }) => [name, panel, dashboard] as const))(
  '%s keeps the rules of panels',
  (_, panel, dashboard) => {
    const folder = withMetrics.includes(dashboard) ? 'provisioning-metrics' : 'provisioning'
    const known = sources(folder).datasources.map(({ uid, type }) => `${type} ${uid}`)
    expect(panelFaults(panel, known)).toEqual([])
  },
)

test('the rules of panels find what breaks them', () => {
  const bad: BuiltPanel = {
    ...panels[0]!.panel,
    type: 'timeseries',
    title: 'Retries',
    description: 'Retries.',
    fieldConfig: { defaults: { unit: 'retries' }, overrides: [] },
    targets: [
      {
        refId: 'A',
        datasource: { type: 'loki', uid: 'elsewhere' },
        expr: 'sum_over_time({service_name="lb"} | unwrap tracelog_retries [5m]) by (service_name)',
      },
    ],
  }
  expect(panelFaults(bad, ['loki loki'])).toEqual([
    'names no question',
    'has no unit',
    'counts in Loki and does not say "approximate after a crash"',
    'asks a data source that is not there',
    'selects a service by its name',
    'reads what only load balancers write, and does not select them by their event',
    'counts over a fixed range',
    'unwraps without a group: Loki stops at 500 series',
  ])
})

const rules = rulesOf('provisioning')
const rulesWithMetrics = rulesOf('provisioning-metrics')

test('with Prometheus there are the same data sources, dashboards and rules, and more', () => {
  expect(rulesWithMetrics).toEqual(expect.arrayContaining([...rules]))
  const uids = sources('provisioning-metrics').datasources.map(({ uid }) => uid)
  expect(uids).toEqual([...sources('provisioning').datasources.map(({ uid }) => uid), 'prometheus'])
  expect(new Set(rulesWithMetrics.map(({ uid }) => uid)).size).toBe(rulesWithMetrics.length)
})

test('grafana/PROVE.md counts the rules and dashboards that there are', () => {
  const text = readFileSync(join(GRAFANA_FOLDER, 'PROVE.md'), 'utf8')
  const counts = [...text.matchAll(/(?:alert-rules|tag=tracelog").*jq length` \| `(\d+)` \|/g)].map(([, count]) =>
    Number(count),
  )
  expect(counts).toEqual([rules.length, dashboards.length, rulesWithMetrics.length])
})

test('the addresses of data sources are variables of the environment', () => {
  expect(sources('provisioning-metrics').datasources.map(({ url }) => url)).toEqual(Object.values(ADDRESSES))
})

test('Loki and Tempo are asked as the tenant that the Collector sends for', () => {
  const file = provisioned('provisioning/datasources/tracelog.yaml', { TRACELOG_TENANT: 'acme' })
  const tenant = { jsonData: { httpHeaderName1: 'X-Scope-OrgID' }, secureJsonData: { httpHeaderValue1: 'acme' } }
  expect(file).toMatchObject({ datasources: [tenant, tenant] })
})

test('rules on Prometheus come only with it', () => {
  const asked = rules.flatMap(({ data }) => data.map(({ datasourceUid }) => datasourceUid))
  expect([...new Set(asked)]).toEqual(['loki', '__expr__'])
})

describe.each(rulesWithMetrics.map((rule) => [rule.title, rule] as const))('alert: %s', (_, rule) => {
  test('says what is wrong, how bad that is, what to do and where to look', () => {
    expect(rule.uid).toMatch(/^tracelog-[a-z-]{1,31}$/)
    expect(['critical', 'warning']).toContain(rule.labels['severity'])
    expect(rule.annotations['summary']).toMatch(/\.$/)
    expect(rule.annotations['description']!.length).toBeGreaterThan(80)
    const uid = /^\/d\/(.+)$/.exec(rule.annotations['dashboard']!)![1]
    expect(dashboards.map((dashboard) => dashboard.uid)).toContain(uid)
  })

  test('compares its query with a threshold, over a range that the query may look at', () => {
    const [query, threshold] = rule.data
    expect(rule.condition).toBe(threshold!.refId)
    expect(threshold!.model).toMatchObject({ type: 'threshold', expression: query!.refId })
    const minutes = rangesOf(rule).map(inSeconds)
    expect(Math.max(0, ...minutes)).toBeLessThanOrEqual(query!.relativeTimeRange.from)
  })

  test('has dollar signs only where Grafana leaves them alone, and single ones', () => {
    const { annotations, data, ...interpolated } = rule
    expect(JSON.stringify(interpolated)).not.toContain('$')
    expect(JSON.stringify({ annotations, data })).not.toContain('$$')
  })

  test('uses in its texts only labels that its query gives', () => {
    const texts = Object.values(rule.annotations).join(' ')
    const used = [...texts.matchAll(/\$labels\.(\w+)/g)].map(([, label]) => label!)
    const query = rule.data[0]!.model.expr!
    const grouped = [...query.matchAll(/by \(([^)]+)\)/g)].flatMap(([, list]) => list!.split(', '))
    const added = [...query.matchAll(/"(\w+)", "\w+", "", ""\)/g)].map(([, label]) => label!)
    const labels = [...grouped, ...added]
    expect(labels).toEqual(expect.arrayContaining(used))
  })
})

test('every link leads to a dashboard and a variable that are there', () => {
  const texts = [
    JSON.stringify(dashboards),
    JSON.stringify(provisioned('provisioning-metrics/datasources/tracelog.yaml', ADDRESSES)),
  ]
  const links = [...texts.join('\n').matchAll(/\/d\/([a-z-]+)\?([^"]*)/g)]
  expect(links.length).toBeGreaterThan(4)
  for (const [, uid, query] of links) {
    const target = dashboards.find((dashboard) => dashboard.uid === uid)
    const variables = [...query!.matchAll(/var-([a-z_]+)=/g)].map(([, name]) => name!)
    expect(target?.templating.list.map(({ name }) => name)).toEqual(expect.arrayContaining(variables))
  }
})

/** Cells of the grid that a panel covers. */
function placesOf({ gridPos: { x, y, w, h } }: BuiltDashboard['panels'][number]): string[] {
  expect(x + w).toBeLessThanOrEqual(24)
  return Array.from({ length: w * h }, (_, cell) => `${x + (cell % w)},${y + Math.floor(cell / w)}`)
}

function rangesOf({ data }: BuiltRule): string[] {
  return [...data[0]!.model.expr!.matchAll(/\[(\d+[smh])\]/g)].map(([, range]) => range!)
}

function inSeconds(range: string): number {
  return Number.parseInt(range, 10) * { s: 1, m: 60, h: 3_600 }[range.at(-1) as 's' | 'm' | 'h']
}
