/** What holds for every Collector, after its files are merged: as the Collector itself prints the result. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { expect, onTestFinished } from 'vitest'
import { parse } from 'yaml'

import type { CollectorConfig } from '../../support/collector-config.ts'
import { composeWith, configFilesOf, OVERLAYS, ROOT } from '../../support/compose.ts'
import { findServer, requireServers } from '../../support/servers/program.ts'
import { runToEnd } from '../../support/servers/server-process.ts'

const composed = composeWith(OVERLAYS).services
const agentFiles = ['collector/agent.yaml', 'collector/secure-agent.yaml', 'collector/selflogs.yaml']
const COLLECTORS = [
  { name: 'standalone with all overlays', files: configFilesOf(composed['collector']!), self: 'otlp_http/loki' },
  { name: 'agent before Kafka', files: configFilesOf(composed['agent']!), self: 'kafka' },
  { name: 'secured agent', files: agentFiles, self: 'otlp_http/gateway' },
  {
    name: 'secured gateway',
    files: ['gateway', 'secure-gateway', 'metrics', 'selflogs'].map((name) => `collector/${name}.yaml`),
    self: 'otlp_http/loki',
  },
]

/** They write to a disk, or are asked. */
const WITHOUT_QUEUE = /^(?:file|prometheus)\b/
/** From the Collector to itself, so as to make batches of single lines: in memory, as HAProxy's lines were before. */
const IN_MEMORY = ['otlp_http/batched']

requireServers('otelcol').for(COLLECTORS)('$name', async ({ files, self }) => {
  const config = await printConfig(files, self)
  const { service, exporters } = config
  const firstProcessors: [pipeline: string, first: string | undefined][] = []
  const used = new Set(Object.values(service.pipelines).flatMap((pipeline) => pipeline.exporters))
  const sending = Object.keys(exporters).filter((name) => !WITHOUT_QUEUE.test(name) && !IN_MEMORY.includes(name))
  expect(sending.length).toBeGreaterThan(0)
  for (const name of sending.filter((each) => used.has(each))) {
    expect(exporters[name], name).toMatchObject({
      retry_on_failure: { enabled: true, max_elapsed_time: '0s' },
      sending_queue: { storage: 'file_storage/queue', block_on_overflow: false, wait_for_result: false },
    })
  }
  for (const [name, { exporters: targets, processors }] of Object.entries(service.pipelines)) {
    expect(processors ?? [], name).not.toContain('batch')
    const isLeaving = targets.some((target) => sending.includes(target))
    if (isLeaving) firstProcessors.push([name, processors?.[0]])
  }
  expect(firstProcessors.filter(([, first]) => first !== 'memory_limiter')).toEqual([])
  expect(service.extensions).toEqual(expect.arrayContaining(['file_storage/queue', 'health_check']))
})

async function printConfig(files: readonly string[], selfExporter: string): Promise<CollectorConfig> {
  const folder = mkdtempSync(join(tmpdir(), 'tracelog-merged-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const configs = files.flatMap((file) => ['--config', join(ROOT, file)])
  const env = { TRACELOG_DATA: folder, TRACELOG_SELF_EXPORTER: selfExporter }
  const { code, said } = await runToEnd(findServer('otelcol')!, ['print-config', ...configs], env)
  expect(code, said).toBe(0)
  return parse(said) as CollectorConfig
}
