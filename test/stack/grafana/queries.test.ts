/**
 * Every query of every dashboard and alert rule, run against the real servers as Grafana sends it, gives rows.
 *
 * Grafana itself cannot be had here: what only it can show is listed in grafana/PROVE.md.
 */
import { afterAll, beforeAll, expect, vi } from 'vitest'

import { requireProgram, requireThat } from '../../support/require.ts'
import { findServer, requireServers } from '../../support/servers/program.ts'
import { askNow, askRange, askTempo, searchTempo, servicesOfTrace, type Row } from './ask.ts'
import { dashboardsOf, rulesOf, type BuiltDashboard, type BuiltRule, type Target } from './built-queries.ts'
import { findGoalsTrace, GOALS_PANELS, testGoals } from './goals.ts'
import { testLinks } from './links.ts'
import { hasProxies } from './proxies.ts'
import { setStage, type Stage } from './stage.ts'
import { substituted, type Chosen } from './substitute.ts'

const withLoki = requireServers('otelcol', 'loki')
const withTempo = requireServers('otelcol', 'loki', 'tempo')
const hasStores = findServer('otelcol') !== undefined && findServer('loki') !== undefined
// Without the stores there is no stage, whatever else there is.
const withProxies = hasStores
  ? requireThat(hasProxies, 'needs nginx and haproxy; to get them: apt-get install -y nginx haproxy')
  : withLoki
const withPrometheus = hasStores ? requireProgram('prometheus') : withLoki

let stage: Stage
/** A request whose cart failed: over the load balancer, the server and the cache. */
let failedTrace = ''
/** One with goals and with lines that the flight recorder kept. */
let goalsTrace = ''

const lokiApi = (): string => `${stage.loki.url}/loki/api/v1`

beforeAll(async () => {
  if (!hasStores) return
  stage = await setStage()
  const failedCarts =
    '{service_name="api-server"} | event_name="tracelog.http.server.end" | http_response_status_code=500'
  const [failed] = await vi.waitUntil(async () => nonEmpty(await askRange(lokiApi(), failedCarts)), { timeout: 60_000 })
  failedTrace = failed!.labels['trace_id']!
  goalsTrace = await findGoalsTrace(lokiApi())
})
afterAll(() => stage?.stop())

/** For `vi.waitUntil`: false until there is one. */
function nonEmpty<T>(list: readonly T[]): readonly T[] | false {
  return list.length > 0 && list
}

/** Spans can be searched after some seconds; everything else is there at once. */
const POLL = { timeout: 60_000, interval: 200 }

/** What may be chosen at the top of a dashboard. A request is picked in each. */
const CHOICES: Readonly<Record<string, () => Chosen>> = {
  'with All': () => ({ service: '$__all', environment: '$__all', level: '.*', ...picked() }),
  'with some chosen': () => ({
    service: ['api-server', 'load-balancer', 'users', 'crasher'],
    environment: ['test', 'prod'],
    level: 'error|err|fatal|critical|crit|alert|emerg|emergency|panic|warn|warning|info|information|notice|log|unknown',
    ...picked(),
  }),
}
testGoals({ withLoki, stage: () => stage, goalsTrace: () => goalsTrace })
testLinks({ withLoki, withTempo, stage: () => stage, failedTrace: () => failedTrace, poll: POLL })

const picked = (): Chosen => ({ trace_id: failedTrace, span_id: '' })

for (const dashboard of dashboardsOf('dashboards')) {
  for (const panel of dashboard.panels) {
    for (const target of panel.targets) {
      const withServer = target.datasource.type === 'tempo' ? withTempo : withLoki
      for (const [choice, chosen] of Object.entries(CHOICES)) {
        withServer(`${dashboard.title}: ${panel.title} (${target.refId}) ${choice}`, async () => {
          const request = GOALS_PANELS.has(panel.title) ? { trace_id: goalsTrace } : {}
          const ask = (): Promise<readonly unknown[]> => askTarget(target, dashboard, { ...chosen(), ...request })
          await expect.poll(ask, POLL).not.toEqual([])
        })
      }
    }
  }
}

for (const dashboard of dashboardsOf('dashboards-metrics')) {
  for (const { title, targets } of dashboard.panels) {
    for (const target of targets) {
      withPrometheus(`${dashboard.title}: ${title} (${target.refId})`, async () => {
        await expect
          .poll(() => askNow(stage.prometheus!.apiUrl, substituted(target, dashboard, {})), POLL)
          .not.toEqual([])
      })
    }
  }
}

for (const rule of rulesOf('provisioning-metrics').filter(({ data }) => data[0]!.datasourceUid === 'prometheus')) {
  withPrometheus(`alert: ${rule.title}`, async () => {
    await expect.poll(() => askNow(stage.prometheus!.apiUrl, queryOf(rule)), POLL).not.toEqual([])
  })
}

for (const rule of rulesOf('provisioning')) {
  withLoki(`alert: ${rule.title}`, async () => {
    await expect.poll(() => askNow(lokiApi(), queryOf(rule)), POLL).not.toEqual([])
  })
}

/** What the shop and the Collectors did is what each of these is for. */
for (const uid of [
  'tracelog-failed-requests',
  'tracelog-crashes',
  'tracelog-cache-errors',
  'tracelog-upstream-down',
  'tracelog-loki-refuses',
  'tracelog-collector-drops',
  'tracelog-cannot-deliver',
  'tracelog-collector-errors',
]) {
  withLoki(`alert ${uid} is above its threshold`, async () => {
    const rule = rulesOf('provisioning').find((one) => one.uid === uid)!
    await expect.poll(async () => fires(rule, await askNow(lokiApi(), queryOf(rule))), POLL).toBe(true)
  })
}

withProxies('nginx, HAProxy and the one in Node: who is down is named, and who answered is not', async () => {
  const rule = rulesOf('provisioning').find(({ uid }) => uid === 'tracelog-upstream-down')!
  const ask = async (): Promise<string[]> => {
    const rows = await askNow(lokiApi(), queryOf(rule))
    return rows.map(({ labels }) => `${labels['service_name']}: ${labels['upstream']}`)
  }
  const { nobody } = stage.upstreams
  await expect
    .poll(async () => (await ask()).toSorted(), POLL)
    .toEqual([`haproxy: ${nobody}`, 'haproxy: one of app', `load-balancer: ${nobody}`, `nginx: ${nobody}`])
})

withLoki('the alert on Loki tells the exporter', async () => {
  const rule = rulesOf('provisioning').find(({ uid }) => uid === 'tracelog-loki-refuses')!
  const rows = await vi.waitUntil(async () => nonEmpty(await askNow(lokiApi(), queryOf(rule))), POLL)
  expect(rows.map(({ labels }) => labels)).toEqual([
    { service_name: 'otelcol', otelcol_component_id: 'otlp_http/loki', otelcol_signal: 'logs' },
  ])
})

withPrometheus('Prometheus tells how many records Loki discarded, and why: the poison record alone', async () => {
  const ask = (): Promise<readonly Row[]> =>
    askNow(stage.prometheus!.apiUrl, 'sum by (reason) (loki_discarded_samples_total)')
  await expect.poll(ask, POLL).toMatchObject([{ labels: { reason: 'greater_than_max_sample_age' }, last: '1' }])
})

for (const uid of [
  'tracelog-queue-fills',
  'tracelog-senders-refused',
  'tracelog-queue-refuses',
  'tracelog-given-up',
  'tracelog-loki-discards',
]) {
  withPrometheus(`alert ${uid} is above its threshold`, async () => {
    const rule = rulesOf('provisioning-metrics').find((one) => one.uid === uid)!
    await expect.poll(async () => fires(rule, await askNow(stage.prometheus!.apiUrl, queryOf(rule))), POLL).toBe(true)
  })
}

withLoki(
  'the alert on silence fires when nothing arrived for ten minutes, and not before nor after an hour',
  async () => {
    const rule = rulesOf('provisioning').find(({ uid }) => uid === 'tracelog-no-records')!
    const firesAfter = async (minutes: number): Promise<boolean> =>
      fires(rule, await askNow(lokiApi(), queryOf(rule), Math.ceil(Date.now() / 1_000) + minutes * 60))
    expect(await firesAfter(0)).toBe(false)
    expect(await firesAfter(15)).toBe(true)
    expect(await firesAfter(75)).toBe(false)
  },
)

/** As Grafana asks it: the data source's own API. */
async function askTarget(target: Target, dashboard: BuiltDashboard, chosen: Chosen): Promise<readonly unknown[]> {
  const text = substituted(target, dashboard, chosen)
  if (target.datasource.type === 'loki') {
    return target.queryType === 'instant' ? askNow(lokiApi(), text) : askRange(lokiApi(), text, target.maxLines)
  }
  const tempo = stage.tempo!.url
  if (/^[0-9a-f]+$/.test(text)) return servicesOfTrace(tempo, text)
  return / \| (rate|quantile_over_time)\(/.test(text) ? askTempo(tempo, text) : searchTempo(tempo, text, target.limit)
}

function queryOf({ data }: BuiltRule): string {
  return data[0]!.model.expr!
}

/** Whether the rule's threshold is crossed by one of these rows. */
function fires({ data }: BuiltRule, rows: readonly Row[]): boolean {
  const { type, params } = data[1]!.model.conditions![0]!.evaluator
  return rows.some(({ last }) => (type === 'gt' ? Number(last) > params[0]! : Number(last) < params[0]!))
}
