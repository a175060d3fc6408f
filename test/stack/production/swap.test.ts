/**
 * The same application, unchanged, started with the same environment but for OTEL_EXPORTER_OTLP_ENDPOINT: against
 * `tracelog dev`, the standalone Collector, and an agent before a gateway. Each of them has the same lines, with the same values.
 * (Kafka between agent and gateway: test/stack/faults.)
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { expect, onTestFinished } from 'vitest'

import { runCli } from '../../cli/run-cli.ts'
import { runChild, startChild } from '../../support/child.ts'
import { startOtelcol, type Otelcol } from '../../support/servers/otelcol.ts'
import { requireServers } from '../../support/servers/program.ts'

const CLI = new URL('../../../dist/cli.js', import.meta.url).pathname
type Line = Readonly<Record<string, unknown>>

interface Destination {
  readonly endpoint: string
  /** What it has, as flat lines. */
  read(): Promise<readonly Line[]>
}

function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'tracelog-swap-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

function linesOf(text: string): readonly Line[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Line)
}

async function localBackend(): Promise<Destination> {
  const ports = ['--otlp-http=0', '--otlp-grpc=0', '--api=0']
  const dev = startChild(CLI, { preload: 'none', args: ['dev', '--json', '--data', newFolder(), ...ports] })
  onTestFinished(async () => {
    dev.kill('SIGTERM')
    await dev.ended
  })
  await dev.prints('}\n')
  const { otlp_http: endpoint, api, token } = JSON.parse(dev.stdout()) as Record<'otlp_http' | 'api' | 'token', string>
  const query = ['query', '--json', '--backend', api]
  return { endpoint, read: async () => linesOf((await runCli(query, { env: { TRACELOG_TOKEN: token } })).out) }
}

/** Loki and Tempo are away: what the Collector has taken is in its aggregated file all the same. */
async function collector(role: string, env: Readonly<Record<string, string>> = {}): Promise<Otelcol> {
  const nobody = 'http://127.0.0.1:9'
  const started = await startOtelcol({
    configs: [role],
    folder: newFolder(),
    env: { TRACELOG_LOKI: nobody, TRACELOG_TEMPO: nobody, ...env },
  })
  onTestFinished(() => started.kill())
  return started
}

async function flattened({ aggregateFile }: Otelcol): Promise<readonly Line[]> {
  return linesOf((await runCli(['flatten', aggregateFile])).out)
}

async function standalone(): Promise<Destination> {
  const only = await collector('standalone.yaml')
  return { endpoint: only.httpUrl, read: () => flattened(only) }
}

async function agentAndGateway(): Promise<Destination> {
  const gateway = await collector('gateway.yaml')
  const agent = await collector('agent.yaml', { TRACELOG_GATEWAY: gateway.httpUrl })
  return { endpoint: agent.httpUrl, read: () => flattened(gateway) }
}

/** Without what is another one in every run. */
const CHANGES =
  /^(?:timestamp|trace_id|span_id|_id|time_ns|observed_ns|seq|elapsed_ms|response_time_ms|service\.instance\.id|.*port)$/

function stable(line: Line): Line {
  return Object.fromEntries(Object.entries(line).filter(([key]) => !CHANGES.test(key)))
}

requireServers('otelcol')('by environment alone: each destination has the same lines', async () => {
  const destinations = await Promise.all([localBackend(), standalone(), agentAndGateway()])
  const seen = []
  for (const destination of destinations) {
    const env = { OTEL_EXPORTER_OTLP_ENDPOINT: destination.endpoint, OTEL_SERVICE_NAME: 'shop' }
    expect(await runChild('collector/app.mjs', { env })).toMatchObject({ code: 0, stderr: '' })
    await expect.poll(async () => (await destination.read()).length, { timeout: 20_000 }).toBeGreaterThanOrEqual(2)
    const lines = await destination.read()
    expect(new Set(lines.map((line) => line['trace_id'])).size).toBe(1)
    seen.push(lines.map(stable).toSorted((a, b) => JSON.stringify(a).localeCompare(JSON.stringify(b))))
  }
  const [dev, ...others] = seen
  expect(dev?.map(({ message }) => message)).toContain('greeting')
  expect(others).toEqual([dev, dev])
})
