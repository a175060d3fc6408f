/**
 * Agent -> Kafka -> gateway -> Loki and Tempo, with a real broker: the way through, the gateway away for a minute, the broker
 * killed and away. Each test finds everything running, and leaves it so.
 */
import { join } from 'node:path'

import { afterAll, beforeAll, expect } from 'vitest'

import { runChild } from '../../support/child.ts'
import { startKafka, type Kafka } from '../../support/servers/kafka.ts'
import { askLoki, startLoki, type Loki } from '../../support/servers/loki.ts'
import { startOtelcol, type Otelcol } from '../../support/servers/otelcol.ts'
import { requireServers } from '../../support/servers/program.ts'
import { startTempo, type Tempo } from '../../support/servers/tempo.ts'
import { OUTAGE_SECONDS, SHORT_OUTAGE_SECONDS } from './support/outage.ts'
import type { Sender } from './support/sender.ts'
import { fileFolder, settle, testSender } from './support/stack.ts'
import { readLoki, readSpansFile, readTempo, type Stored } from './support/stored.ts'

const folder = fileFolder('kafka')
let loki: Loki
let tempo: Tempo
let kafka: Kafka
let agent: Otelcol
let gateway: Otelcol

beforeAll(async () => {
  ;[loki, tempo, kafka] = await Promise.all([
    startLoki(join(folder, 'loki')),
    startTempo(join(folder, 'tempo')),
    startKafka(join(folder, 'kafka')),
  ])
  ;[agent, gateway] = await Promise.all([startAgent(), startGateway()])
})
afterAll(() => Promise.all([agent, gateway, kafka, loki, tempo].map((server) => server.kill())))

function startAgent(env: Readonly<Record<string, string>> = {}): Promise<Otelcol> {
  return startOtelcol({
    configs: ['agent.yaml', 'kafka-agent.yaml'],
    folder: join(folder, 'agent'),
    env: { TRACELOG_KAFKA: kafka.broker, TRACELOG_FILES: join(folder, 'no-files', '*.log'), ...env },
  })
}

/** @param env  of one before, to stand where it stood */
function startGateway(env: Readonly<Record<string, string>> = {}): Promise<Otelcol> {
  return startOtelcol({
    configs: ['gateway.yaml', 'kafka-gateway.yaml', SPANS_TO_FILE],
    folder: join(folder, 'gateway'),
    env: { TRACELOG_KAFKA: kafka.broker, TRACELOG_LOKI: loki.otlpUrl, TRACELOG_TEMPO: tempo.otlpUrl, ...env },
  })
}

const it = requireServers('otelcol', 'loki', 'tempo', 'kafka')
const PER_SECOND = 200
const SPANS_TO_FILE = new URL('support/spans-to-file.yaml', import.meta.url).pathname

it("an application's line reaches Loki and its spans Tempo, through Kafka", async () => {
  const env = { OTEL_EXPORTER_OTLP_ENDPOINT: agent.httpUrl, OTEL_SERVICE_NAME: 'through-kafka' }
  expect(await runChild('collector/app.mjs', { env })).toMatchObject({ code: 0, stderr: '' })
  await expect.poll(() => readTraceId('through-kafka'), { timeout: 60_000 }).toMatch(/^[0-9a-f]{32}$/)
  const traceId = await readTraceId('through-kafka')
  await expect.poll(async () => (await readTempo(tempo.url, [traceId!])).size, { timeout: 60_000 }).toBe(1)
})

it('batches of several megabytes that cannot be compressed get through', async () => {
  const service = 'large-batches'
  const sender = testSender({
    url: agent.httpUrl,
    signal: 'logs',
    service,
    batch: 4,
    perSecond: 40,
    bodyLength: 900_000,
  })
  await sender.acknowledges(12)
  await sender.finish()
  expect([...sender.refusals]).toEqual([])
  await expect
    .poll(async () => (await readLoki(loki.url, service)).size, { timeout: 60_000 })
    .toBe(sender.acknowledged.size)
})

it(
  `the gateway killed and away for ${OUTAGE_SECONDS} s under traffic, nothing acknowledged is lost`,
  async () => {
    const [logs, spans] = senders('gateway-away')
    await logs.acknowledges(PER_SECOND)
    await gateway.kill()
    await logs.acknowledges(PER_SECOND * OUTAGE_SECONDS)
    gateway = await startGateway(gateway.env)
    await logs.acknowledges(PER_SECOND)
    await Promise.all([logs.finish(), spans.finish()])
    await expectNoneLost(`Kafka: gateway killed -9, away for ${OUTAGE_SECONDS} s`, 'gateway-away', logs, spans)
  },
  (OUTAGE_SECONDS + 360) * 1_000,
)

it(
  'the broker killed and away under traffic, nothing acknowledged is lost',
  async () => {
    const [logs, spans] = senders('broker-away')
    await logs.acknowledges(PER_SECOND)
    await kafka.kill()
    await logs.acknowledges(PER_SECOND * SHORT_OUTAGE_SECONDS)
    kafka = await startKafka(join(folder, 'kafka'), kafka.ports)
    await logs.acknowledges(PER_SECOND)
    await Promise.all([logs.finish(), spans.finish()])
    await expectNoneLost(`Kafka: broker killed -9, away for ${SHORT_OUTAGE_SECONDS} s`, 'broker-away', logs, spans)
  },
  (SHORT_OUTAGE_SECONDS + 360) * 1_000,
)

it('the agent killed twice under traffic, nothing acknowledged is lost', async () => {
  const [logs, spans] = senders('agent-killed')
  for (let kills = 0; kills < 2; kills++) {
    await logs.acknowledges(PER_SECOND)
    await agent.kill()
    agent = await startAgent(agent.env)
  }
  await logs.acknowledges(PER_SECOND)
  await Promise.all([logs.finish(), spans.finish()])
  await expectNoneLost('Kafka: agent killed -9 twice', 'agent-killed', logs, spans)
})

function senders(name: string): readonly [logs: Sender, spans: Sender] {
  const url = agent.httpUrl
  return [
    testSender({ url, signal: 'logs', service: `${name}-logs`, perSecond: PER_SECOND }),
    testSender({ url, signal: 'spans', service: `${name}-spans`, perSecond: 10, batch: 5 }),
  ]
}

/** Of records in Loki; of spans where they have left Kafka: Tempo is not what these tests are about. */
async function expectNoneLost(fault: string, name: string, logs: Sender, spans: Sender): Promise<void> {
  const readLogs = (): Promise<Stored> => readLoki(loki.url, `${name}-logs`)
  expect(await settle({ fault, where: 'Loki' }, logs, readLogs)).toMatchObject({ lost: 0 })
  const readSpans = (): Stored => onlyOf(spans, readSpansFile(join(folder, 'gateway', 'spans.jsonl')))
  expect(await settle({ fault: `${fault}: spans`, where: 'gateway' }, spans, readSpans)).toMatchObject({ lost: 0 })
}

function onlyOf({ acknowledged }: Sender, stored: Stored): Stored {
  return new Map([...stored].filter(([id]) => acknowledged.has(id)))
}

async function readTraceId(service: string): Promise<string | undefined> {
  const [first] = await askLoki(loki.url, { query: `{service_name="${service}"} |= "greeting"` })
  return first?.stream['trace_id']
}
