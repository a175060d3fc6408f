/**
 * Loki as microservices: what gateways write is read back, for the tenant that they name; one of three ingesters may die.
 *
 *   tracelog stack check -> standalone Collector (tenant acme) -> distributor -> 3 ingesters
 *                       <- query-frontend <- querier <-
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterAll, beforeAll, expect } from 'vitest'

import { askLoki } from '../../support/servers/loki.ts'
import { startLokiCluster, type LokiCluster } from '../../support/servers/loki-cluster.ts'
import { startOtelcol, type Otelcol } from '../../support/servers/otelcol.ts'
import { findServer, requireServers } from '../../support/servers/program.ts'
import { startTempo, type Tempo } from '../../support/servers/tempo.ts'
import { stackCheck } from '../check/stack-check.ts'

const NEEDED = ['otelcol', 'loki', 'tempo'] as const
const withServers = requireServers(...NEEDED)
const folder = mkdtempSync(join(tmpdir(), 'tracelog-loki-cluster-'))
let cluster: LokiCluster
let tempo: Tempo
let collector: Otelcol

beforeAll(async () => {
  if (NEEDED.some((name) => findServer(name) === undefined)) return
  ;[cluster, tempo] = await Promise.all([startLokiCluster(join(folder, 'loki')), startTempo(join(folder, 'tempo'))])
  collector = await startOtelcol({
    configs: ['standalone.yaml'],
    folder: join(folder, 'otelcol'),
    env: { TRACELOG_LOKI: cluster.otlpUrl, TRACELOG_TEMPO: tempo.otlpUrl, TRACELOG_TENANT: 'acme' },
  })
})
afterAll(async () => {
  await Promise.all([collector?.kill(), cluster?.kill(), tempo?.kill()])
  rmSync(folder, { recursive: true, force: true })
})

function check(tenant: string): ReturnType<typeof stackCheck> {
  const { httpUrl, metricsUrl } = collector
  return stackCheck({ otlp: httpUrl, metrics: metricsUrl, loki: cluster.url, tempo: tempo.url, tenant, wait: '60' })
}

withServers('a record is written by the distributor and read by the query frontend', async () => {
  expect(await check('acme')).toMatchObject({ code: 0, ok: true })
})

withServers('with one of three ingesters dead records are taken, and all are read', async () => {
  const before = await check('acme')
  await cluster.ingesters[0]!.kill()
  expect(await check('acme')).toMatchObject({ code: 0, ok: true })
  const query = `{service_name="tracelog-stack-check"} | trace_id="${before.traceId}"`
  const read = async (): Promise<number> => (await askLoki(cluster.url, { query, tenant: 'acme' })).length
  await expect.poll(read).toBe(1)
})
