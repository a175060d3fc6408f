/** One application, the standalone Collector, Loki and Tempo: its line is in Loki, its spans are in Tempo, under one trace id. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { expect, onTestFinished } from 'vitest'

import { runChild } from '../../support/child.ts'
import { startLoki } from '../../support/servers/loki.ts'
import { startOtelcol } from '../../support/servers/otelcol.ts'
import { requireServers } from '../../support/servers/program.ts'
import { startTempo } from '../../support/servers/tempo.ts'

interface LokiAnswer {
  readonly data: { readonly result: readonly { readonly stream: Record<string, string>; readonly values: unknown[] }[] }
}

requireServers(
  'otelcol',
  'loki',
  'tempo',
)('a line reaches Loki and its trace reaches Tempo', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'tracelog-standalone-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const [loki, tempo] = await Promise.all([startLoki(join(folder, 'loki')), startTempo(join(folder, 'tempo'))])
  const collector = await startOtelcol({
    configs: ['standalone.yaml'],
    folder: join(folder, 'otelcol'),
    env: { TRACELOG_LOKI: loki.otlpUrl, TRACELOG_TEMPO: tempo.otlpUrl },
  })
  onTestFinished(async () => {
    await collector.stop() // first: it would wait for a Loki that is gone
    await Promise.all([loki.stop(), tempo.stop()])
  })

  const env = { OTEL_EXPORTER_OTLP_ENDPOINT: collector.httpUrl, OTEL_SERVICE_NAME: 'shop' }
  expect(await runChild('collector/app.mjs', { env })).toMatchObject({ code: 0, stderr: '' })

  const query = new URLSearchParams({ query: '{service_name="shop"} |= "greeting"', limit: '10' })
  const readLine = async (): Promise<Record<string, string> | undefined> => {
    const response = await fetch(`${loki.url}/loki/api/v1/query_range?${query.toString()}`)
    return ((await response.json()) as LokiAnswer).data.result[0]?.stream
  }
  await expect
    .poll(readLine, { timeout: 60_000 })
    .toMatchObject({ service_name: 'shop', severity_text: 'info', name: 'ada' })
  const traceId = (await readLine())?.['trace_id']
  expect(traceId).toMatch(/^[0-9a-f]{32}$/)
  await expect
    .poll(async () => (await fetch(`${tempo.url}/api/traces/${traceId}`)).status, { timeout: 60_000 })
    .toBe(200)
})
