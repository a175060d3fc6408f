/**
 * What leaves the standalone Collector: one dead destination stalls no other, and Loki refuses nothing that the Collector
 * can make acceptable.
 */
import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterAll, beforeAll, expect, onTestFinished } from 'vitest'

import { runChild } from '../../support/child.ts'
import { sendLogs, sendSpan, type SentRecord } from '../../support/otlp-send.ts'
import { freePort } from '../../support/servers/free-port.ts'
import { askLoki, startLoki, type Loki, type LokiLine } from '../../support/servers/loki.ts'
import { startOtelcol, type Otelcol } from '../../support/servers/otelcol.ts'
import { findServer, requireServers } from '../../support/servers/program.ts'
import { startTempo, type Tempo } from '../../support/servers/tempo.ts'

const SERVERS = ['otelcol', 'loki', 'tempo'] as const
const withServers = requireServers(...SERVERS)
const folder = mkdtempSync(join(tmpdir(), 'tracelog-destinations-'))
const WAIT = { timeout: 60_000 }
/** The least that a queue may hold is one batch (400,000 bytes); some of these fill it. */
const SMALL_QUEUE = '500000'
const LARGE_TEXT = 'x'.repeat(100_000)
let loki: Loki

beforeAll(async () => {
  if (SERVERS.every((name) => findServer(name) !== undefined)) loki = await startLoki(join(folder, 'loki'))
})
afterAll(async () => {
  await loki?.stop()
  rmSync(folder, { recursive: true, force: true })
})

async function startStandalone(env: Readonly<Record<string, string>>): Promise<Otelcol> {
  const collector = await startOtelcol({
    configs: ['standalone.yaml'],
    folder: join(folder, randomUUID()),
    env: { TRACELOG_LOKI: loki.otlpUrl, TRACELOG_TEMPO: await deadUrl(), ...env },
  })
  onTestFinished(() => collector.stop())
  return collector
}

/** Nobody listens there. */
async function deadUrl(): Promise<string> {
  return `http://127.0.0.1:${await freePort()}`
}

/** A service of its own for each test, so that each finds its own records. */
function newService(): string {
  return `shop-${randomUUID().slice(0, 8)}`
}

function linesOf(service: string, limit = 5_000): Promise<readonly LokiLine[]> {
  return askLoki(loki.url, { query: `{service_name="${service}"}`, parameters: { limit: String(limit) } })
}

async function traceStatus(tempo: Tempo, traceId: string): Promise<number> {
  const response = await fetch(`${tempo.url}/api/traces/${traceId}`)
  await response.body?.cancel()
  return response.status
}

function numbered(count: number): SentRecord[] {
  return Array.from({ length: count }, (_, index) => ({
    body: `line ${index}`,
    attributes: { 'log.record.uid': randomUUID() },
  }))
}

withServers('a line of an application reaches Loki, its trace Tempo', async () => {
  const tempo = await startTempo(join(folder, 'tempo-of-application'))
  onTestFinished(() => tempo.stop())
  const collector = await startStandalone({ TRACELOG_TEMPO: tempo.otlpUrl })
  const service = newService()
  const env = { OTEL_EXPORTER_OTLP_ENDPOINT: collector.httpUrl, OTEL_SERVICE_NAME: service }
  expect(await runChild('collector/app.mjs', { env })).toMatchObject({ code: 0, stderr: '' })
  const greeting = async (): Promise<LokiLine['stream'] | undefined> =>
    (await linesOf(service)).find(({ line }) => line === 'greeting')?.stream
  await expect.poll(greeting, WAIT).toMatchObject({ service_name: service, severity_text: 'info', name: 'ada' })
  const traceId = (await greeting())?.['trace_id'] ?? ''
  expect(traceId).toMatch(/^[0-9a-f]{32}$/)
  await expect.poll(() => traceStatus(tempo, traceId), WAIT).toBe(200)
})

withServers('with Tempo dead, Loki gets every record at once, and Tempo its spans when it is back', async () => {
  const tempoPort = await freePort()
  const collector = await startStandalone({ TRACELOG_TEMPO: `http://127.0.0.1:${tempoPort}` })
  const service = newService()
  const options = { url: collector.httpUrl, resource: { 'service.name': service } }
  const traceIds = Array.from({ length: 100 }, () => randomUUID().replaceAll('-', ''))
  for (const [index, traceId] of traceIds.entries()) {
    expect(await sendSpan(traceId, { index }, options)).toBe(200)
    expect(await sendLogs(numbered(20), options)).toBe(200)
  }
  await expect.poll(async () => (await linesOf(service)).length, WAIT).toBe(2_000)

  const tempo = await startTempo(join(folder, 'tempo'), { TEMPO_OTLP_HTTP: `127.0.0.1:${tempoPort}` })
  onTestFinished(() => tempo.stop())
  for (const traceId of traceIds) await expect.poll(() => traceStatus(tempo, traceId), WAIT).toBe(200)
})

withServers('with Tempo dead and its queue full, spans are refused at once and records still arrive', async () => {
  const collector = await startStandalone({ TRACELOG_QUEUE_BYTES: SMALL_QUEUE })
  const service = newService()
  const options = { url: collector.httpUrl, resource: { 'service.name': service } }
  const sendLargeSpan = (): Promise<number> => sendSpan(randomUUID().replaceAll('-', ''), { text: LARGE_TEXT }, options)
  await expect.poll(sendLargeSpan, WAIT).toBe(503)
  const from = performance.now()
  expect(await sendLargeSpan()).toBe(503)
  expect(performance.now() - from).toBeLessThan(8_000) // 4 ms when measured; blocking, it would be the sender's time-out
  expect(await sendLogs(numbered(10), options)).toBe(200)
  await expect.poll(async () => (await linesOf(service)).length, WAIT).toBe(10)
})

withServers('with Loki dead and its queue full, records are refused at once and spans still arrive', async () => {
  const tempo = await startTempo(join(folder, 'tempo-alone'))
  onTestFinished(() => tempo.stop())
  const collector = await startStandalone({
    TRACELOG_LOKI: await deadUrl(),
    TRACELOG_TEMPO: tempo.otlpUrl,
    TRACELOG_QUEUE_BYTES: SMALL_QUEUE,
  })
  const options = { url: collector.httpUrl }
  await expect.poll(() => sendLogs([{ body: LARGE_TEXT }], options), WAIT).toBe(503)
  const traceId = randomUUID().replaceAll('-', '')
  expect(await sendSpan(traceId, {}, options)).toBe(200)
  await expect.poll(() => traceStatus(tempo, traceId), WAIT).toBe(200)
})

withServers('on a full volume the aggregated file refuses records, and Loki has them all the same', async () => {
  const collector = await startStandalone({ TRACELOG_AGGREGATE: '/dev/full' })
  const service = newService()
  const options = { url: collector.httpUrl, resource: { 'service.name': service } }
  expect(await sendLogs(numbered(10), options)).toBe(503)
  await expect.poll(async () => (await linesOf(service)).length, WAIT).toBe(10)
})

/** Names without an ASCII letter or digit. Each, alone, makes Loki answer 400. */
const POISON = { '': 'empty', '###': 'signs', 日本: 'letters, but not of ASCII', '...': 'dots' }

withServers('keys that Loki refuses are renamed: their request is stored, with the good ones beside them', async () => {
  const collector = await startStandalone({})
  const service = newService()
  const resource = { 'service.name': service }
  const records: SentRecord[] = [{ body: 'good' }, { body: 'poisoned', attributes: { ...POISON, fine: 'yes' } }]
  // As Loki itself takes it.
  for (const options of [{ resource: { ...resource, ...POISON } }, { resource, scope: POISON }])
    expect(await sendLogs([{ body: 'direct' }], { url: loki.otlpUrl, ...options })).toBe(400)
  expect(await sendLogs(records, { url: loki.otlpUrl, resource })).toBe(400)

  expect(await sendLogs(records, { url: collector.httpUrl, resource })).toBe(200)
  const poisoned = { resource: { ...resource, ...POISON }, scope: POISON }
  expect(await sendLogs([{ body: 'poisoned around' }], { url: collector.httpUrl, ...poisoned })).toBe(200)
  const seen = async (): Promise<string[]> => (await linesOf(service)).map(({ line }) => line).toSorted()
  await expect.poll(seen, WAIT).toEqual(['good', 'poisoned', 'poisoned around'])
  const { stream } = (await linesOf(service)).find(({ line }) => line === 'poisoned')!
  expect(stream).toMatchObject({ fine: 'yes' })
  expect(Object.values(POISON)).toContain(stream['key_'])
})

withServers(
  'an event keeps its name, an over-long label is cut, and only three resource attributes are labels',
  async () => {
    const collector = await startStandalone({ OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment.name=test' })
    const service = newService()
    const resource = {
      'service.name': service,
      'service.namespace': '日'.repeat(1_000), // 3,000 bytes
      'service.instance.id': 'i-1',
      'k8s.pod.name': 'pod-1',
    }
    expect(await sendLogs([{ body: 'started', eventName: 'shop.started' }], { url: collector.httpUrl, resource })).toBe(
      200,
    )
    await expect.poll(async () => (await linesOf(service)).length, WAIT).toBe(1)
    const [first] = await linesOf(service)
    expect(first!.stream).toMatchObject({
      event_name: 'shop.started',
      service_namespace: '日'.repeat(666), // 2,000 bytes, and no half character,
      deployment_environment_name: 'test',
      service_instance_id: 'i-1',
      k8s_pod_name: 'pod-1',
    })
    const response = await fetch(`${loki.url}/loki/api/v1/labels`)
    const { data } = (await response.json()) as { readonly data: readonly string[] }
    expect(data.toSorted()).toEqual(['deployment_environment_name', 'service_name', 'service_namespace'])
  },
)
