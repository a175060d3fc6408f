/**
 * `tracelog stack check` against the real Collector, Loki and Tempo: whole, and broken in every way that can be made here.
 *
 * Each broken case has a Collector of its own (0.3 s); Loki and Tempo are shared, and only read.
 */
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterAll, beforeAll, describe, expect, onTestFinished } from 'vitest'

import { runCli } from '../../cli/run-cli.ts'
import { fakeDocker } from '../../cli/stack/fake-docker.ts'
import { freePort } from '../../support/servers/free-port.ts'
import { startLoki, type Loki } from '../../support/servers/loki.ts'
import { startOtelcol, type Otelcol } from '../../support/servers/otelcol.ts'
import { findServer, requireServers } from '../../support/servers/program.ts'
import { startTempo, type Tempo } from '../../support/servers/tempo.ts'
import { stackCheck } from './stack-check.ts'

const NEEDED = ['otelcol', 'loki', 'tempo'] as const
const withServers = requireServers(...NEEDED)
const folder = mkdtempSync(join(tmpdir(), 'tracelog-stack-check-'))
let loki: Loki
let tempo: Tempo
let whole: Otelcol

beforeAll(async () => {
  if (NEEDED.some((name) => findServer(name) === undefined)) return
  ;[loki, tempo] = await Promise.all([startLoki(join(folder, 'loki')), startTempo(join(folder, 'tempo'))])
  whole = await startOtelcol({ configs: ['standalone.yaml'], folder: join(folder, 'whole'), env: destinations() })
})
afterAll(async () => {
  // Nothing of theirs is needed any more: a clean stop of three servers takes half a minute.
  await Promise.all([whole?.kill(), loki?.kill(), tempo?.kill()])
  rmSync(folder, { recursive: true, force: true })
})

function destinations(): Record<string, string> {
  return { TRACELOG_LOKI: loki.otlpUrl, TRACELOG_TEMPO: tempo.otlpUrl }
}

/** Of this test alone. @param env  over the addresses of the shared Loki and Tempo */
async function collectorWith(env: Readonly<Record<string, string>>): Promise<Otelcol> {
  const collector = await startOtelcol({
    configs: ['standalone.yaml'],
    folder: mkdtempSync(join(folder, 'otelcol-')),
    env: { ...destinations(), ...env },
  })
  // What waits for a dead destination would make a stop long.
  onTestFinished(() => collector.kill())
  return collector
}

function flagsOf(collector: Otelcol, others: Readonly<Record<string, string>> = {}): Record<string, string> {
  return { otlp: collector.httpUrl, loki: loki.url, tempo: tempo.url, metrics: collector.metricsUrl, ...others }
}

async function deadUrl(): Promise<string> {
  return `http://127.0.0.1:${await freePort()}`
}

withServers('all is well: both arrive, each step has its time, the end is 0', async () => {
  const run = await stackCheck(flagsOf(whole))
  expect(run).toMatchObject({ code: 0, ok: true })
  expect(Object.entries(run.statuses)).toEqual(
    ['otlp logs', 'otlp traces', 'loki ready', 'loki record', 'tempo ready', 'tempo span'].map((name) => [name, 'ok']),
  )
  expect(run.texts['otlp logs']).toMatch(/took it: connected after \d+ ms, answered after \d+ ms/)
  expect(run.texts['loki record']).toMatch(/the record was in Loki [\d.]+ m?s after it was taken/)
  const found = await fetch(`${tempo.url}/api/traces/${run.traceId}`)
  expect(found.status).toBe(200)
})

withServers(
  'for a reader: one line per check, the sentence at the end; the address by the environment of the application',
  async () => {
    const argv = ['--loki', loki.url, '--tempo', tempo.url].flatMap((part) => part)
    const ran = await runCli(['stack', 'check', ...argv], { env: { OTEL_EXPORTER_OTLP_ENDPOINT: whole.httpUrl } })
    expect(ran).toMatchObject({ code: 0, err: '' })
    expect(ran.out.split('\n').filter((line) => line.startsWith('ok  '))).toHaveLength(6)
    expect(ran.out).toMatch(
      /\nA record is in Loki after [\d.]+ m?s, a span in Tempo after [\d.]+ m?s: trace [0-9a-f]{32}\.\n$/,
    )
  },
)

withServers('tracelog stack up ends with the same check, and with 0 when all arrives', async () => {
  const project = mkdtempSync(join(folder, 'project-'))
  mkdirSync(join(project, 'collector'))
  writeFileSync(join(project, 'docker-compose.yml'), 'services: {}\n')
  const docker = fakeDocker(mkdtempSync(join(folder, 'docker-')))
  const flags = Object.entries(flagsOf(whole)).map(([name, value]) => `--${name}=${value}`)
  const ran = await runCli(['stack', 'up', ...flags], { env: docker.env, cwd: project })
  expect(ran).toMatchObject({ code: 0, err: '' })
  expect(docker.calls()).toEqual([expect.stringMatching(/ up -d /)])
  expect(ran.out).toMatch(/A record is in Loki after .*\nGrafana: /)
})

describe('the OTLP endpoint', () => {
  withServers('nothing listens', async () => {
    const run = await stackCheck(flagsOf(whole, { otlp: await deadUrl() }))
    expect(run).toMatchObject({
      code: 1,
      statuses: { 'otlp logs': 'fail', 'otlp traces': 'fail', 'loki ready': 'ok', 'loki record': 'note' },
    })
    expect(run.texts['otlp logs']).toMatch(
      /nothing listens at 127\.0\.0\.1:\d+ \| Start the stack with `tracelog stack up`/,
    )
  })

  withServers('is the gRPC port', async () => {
    const run = await stackCheck(flagsOf(whole, { otlp: whole.grpcUrl }))
    expect(run.code).toBe(1)
    expect(run.texts['otlp logs']).toMatch(/not in HTTP\/1\.1 \| Is that a gRPC port\? OTLP\/HTTP is port 4318/)
  })

  withServers('is the wrong path', async () => {
    const run = await stackCheck(flagsOf(whole, { otlp: `${whole.httpUrl}/v1/logs` }))
    expect(run.texts['otlp logs']).toMatch(/answers 404: .* \| No OTLP receiver on this path/)
  })

  withServers('speaks no TLS', async () => {
    const run = await stackCheck(flagsOf(whole, { otlp: whole.httpUrl.replace('http:', 'https:') }))
    expect(run.texts['otlp logs']).toMatch(/does not speak TLS \| Write http:\/\//)
  })

  withServers('has a full queue', async () => {
    const dead = await deadUrl()
    const full = await collectorWith({ TRACELOG_LOKI: `${dead}/otlp`, TRACELOG_QUEUE_BYTES: '500000' })
    // To the last bytes: the test record is small.
    for (const size of [50_000, 5_000, 500, 10])
      await expect.poll(() => sendRecord(full, size), { interval: 0 }).toBe(503)
    const run = await stackCheck(flagsOf(full, { loki: dead, wait: '1' }))
    expect(run.statuses).toMatchObject({ 'otlp logs': 'fail', 'otlp traces': 'ok' })
    expect(run.texts['otlp logs']).toMatch(/answers 503: .*queue.* \| .*its queue or its memory is full/)
  })
})

/** @returns the status */
async function sendRecord({ httpUrl }: Otelcol, size: number): Promise<number> {
  const body = { resourceLogs: [{ scopeLogs: [{ logRecords: [{ body: { stringValue: 'x'.repeat(size) } }] }] }] }
  const headers = { 'content-type': 'application/json' }
  const response = await fetch(`${httpUrl}/v1/logs`, { method: 'POST', headers, body: JSON.stringify(body) })
  await response.body?.cancel()
  return response.status
}

describe('Loki', () => {
  withServers('is away for all: nothing listens, and the span arrives all the same', async () => {
    const dead = await deadUrl()
    const run = await stackCheck(flagsOf(await collectorWith({ TRACELOG_LOKI: `${dead}/otlp` }), { loki: dead }))
    expect(run).toMatchObject({
      code: 1,
      statuses: { 'otlp logs': 'ok', 'loki ready': 'fail', 'loki record': 'note', 'tempo span': 'ok' },
    })
    expect(run.texts['loki ready']).toMatch(/nothing listens at .* \| Start the stack with .*--loki URL/)
  })

  withServers('is away for the Collector: what it holds in its queue is named', async () => {
    const collector = await collectorWith({ TRACELOG_LOKI: `${await deadUrl()}/otlp` })
    const run = await stackCheck(flagsOf(collector, { wait: '5' }))
    expect(run).toMatchObject({ code: 1, statuses: { 'loki ready': 'ok', 'loki record': 'fail', 'tempo span': 'ok' } })
    expect(run.texts['loki record']).toMatch(
      /not in Loki after .*: the Collector holds \d+ for otlp_http\/loki in its queue \| .*Is its TRACELOG_LOKI this Loki\?/,
    )
  })

  withServers('refuses the record for good: its reason is named', async () => {
    // Nothing may be older than a millisecond: every record is.
    const strict = await startLoki(
      join(folder, 'strict'),
      {},
      { flags: ['-validation.reject-old-samples.max-age=1ms'] },
    )
    onTestFinished(() => strict.kill())
    const collector = await collectorWith({ TRACELOG_LOKI: strict.otlpUrl })
    const run = await stackCheck(flagsOf(collector, { loki: strict.url, wait: '5' }))
    expect(run).toMatchObject({ code: 1, statuses: { 'loki record': 'fail', 'tempo span': 'ok' } })
    expect(run.texts['loki record']).toMatch(
      /Loki refused records meanwhile, 1 for "greater_than_max_sample_age" \| See limits_config/,
    )
  })
})

withServers('Loki is elsewhere on that host: the Collector gives up, and that is told', async () => {
  const collector = await collectorWith({ TRACELOG_LOKI: `${loki.url}/nowhere` })
  const run = await stackCheck(flagsOf(collector, { wait: '5' }))
  expect(run).toMatchObject({ code: 1, statuses: { 'loki ready': 'ok', 'loki record': 'fail', 'tempo span': 'ok' } })
  expect(run.texts['loki record']).toMatch(/the Collector gave up 1 for otlp_http\/loki \| It was refused for good/)
})

describe('Tempo', () => {
  withServers('is away for all: the record arrives all the same', async () => {
    const dead = await deadUrl()
    const run = await stackCheck(flagsOf(await collectorWith({ TRACELOG_TEMPO: dead }), { tempo: dead }))
    expect(run).toMatchObject({
      code: 1,
      statuses: { 'loki record': 'ok', 'tempo ready': 'fail', 'tempo span': 'note' },
    })
    expect(run.texts['tempo ready']).toMatch(/nothing listens at .*--tempo URL/)
  })

  withServers('is away for the Collector: it arrives at Loki and not at Tempo', async () => {
    const run = await stackCheck(flagsOf(await collectorWith({ TRACELOG_TEMPO: await deadUrl() }), { wait: '5' }))
    expect(run).toMatchObject({ code: 1, statuses: { 'loki record': 'ok', 'tempo ready': 'ok', 'tempo span': 'fail' } })
    expect(run.texts['tempo span']).toMatch(
      /the Collector holds \d+ for otlp_http\/tempo in its queue \| .*TRACELOG_TEMPO/,
    )
  })

  withServers('is something else: Loki, which knows no such path', async () => {
    const run = await stackCheck(flagsOf(whole, { tempo: loki.url, wait: '5' }))
    expect(run).toMatchObject({ code: 1, statuses: { 'loki record': 'ok', 'tempo span': 'fail' } })
  })

  withServers('is something else: a page that answers 200 to everything', async () => {
    const page = createServer((_, response) => response.end('<html>welcome</html>')).listen(0, '127.0.0.1')
    await once(page, 'listening')
    onTestFinished(() => void page.close())
    const url = `http://127.0.0.1:${(page.address() as AddressInfo).port}`
    const run = await stackCheck(flagsOf(whole, { tempo: url, loki: url }))
    expect(run).toMatchObject({ code: 1, statuses: { 'loki record': 'fail', 'tempo span': 'fail' } })
    expect(run.texts['tempo span']).toMatch(/answers 200: <html>.* \| Is that Tempo\? Tempo is port 3200/)
    expect(run.texts['loki record']).toMatch(/Is that Loki\?/)
  })
})
