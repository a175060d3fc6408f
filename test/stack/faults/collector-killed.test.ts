/** The Collector is killed under traffic: what it had acknowledged is in its queue, and arrives when it is started again. */
import { join } from 'node:path'

import { afterAll, beforeAll, expect } from 'vitest'

import { startChild } from '../../support/child.ts'
import { startLoki, type Loki } from '../../support/servers/loki.ts'
import { startOtelcol, type Otelcol } from '../../support/servers/otelcol.ts'
import { requireServers } from '../../support/servers/program.ts'
import { startTempo, type Tempo } from '../../support/servers/tempo.ts'
import { countLosses, recordLosses } from './support/losses.ts'
import { endsWithTest, fileFolder, settle, testSender, UNEXPLAINED_SPANS } from './support/stack.ts'
import { readAggregate, readLoki, readTempo } from './support/stored.ts'

/** Said once by an application. A Collector that starts, or has no memory left, answers 503. */
const AWAY = /^tracelog: (?:nothing answers at \S+ \([^\n]*\)|\S+ answers HTTP 503)\.[^\n]*\n/

const it = requireServers('otelcol', 'loki', 'tempo')
const folder = fileFolder('collector-killed')
let loki: Loki
let tempo: Tempo

beforeAll(async () => {
  ;[loki, tempo] = await Promise.all([startLoki(join(folder, 'loki')), startTempo(join(folder, 'tempo'))])
})
afterAll(() => Promise.all([loki.stop(), tempo.kill()]))

it('killed three times under traffic, nothing acknowledged is lost', async () => {
  let collector = await startCollector('sender')
  const logs = testSender({ url: collector.httpUrl, signal: 'logs', service: 'killed-logs' })
  const spans = testSender({
    url: collector.httpUrl,
    signal: 'spans',
    service: 'killed-spans',
    perSecond: 50,
    batch: 5,
  })
  for (let kills = 0; kills < 3; kills++) {
    await logs.acknowledges(1_000)
    await collector.kill()
    collector = await startCollector('sender', collector.env)
  }
  await logs.acknowledges(500)
  await Promise.all([logs.finish(), spans.finish()])

  const fault = 'Collector killed -9 three times'
  expect(await settle({ fault, where: 'Loki' }, logs, () => readLoki(loki.url, 'killed-logs'))).toMatchObject({
    lost: 0,
  })
  // fan-out is not atomic: what was sent again may be there twice; a line is never broken (reading would fail)
  expect(
    await settle({ fault, where: 'aggregated file' }, logs, () => readAggregate(collector, 'killed-logs')),
  ).toMatchObject({ lost: 0 })
  const inTempo = await settle({ fault, where: 'Tempo' }, spans, () => readTempo(tempo.url, spans.acknowledged))
  expect(inTempo.lost).toBeLessThanOrEqual(UNEXPLAINED_SPANS)
})

it('an application goes on while it is killed twice: every line arrives, once', async () => {
  let collector = await startCollector('application')
  const lines = 4_000
  const env = {
    OTEL_EXPORTER_OTLP_ENDPOINT: collector.httpUrl,
    OTEL_SERVICE_NAME: 'counting',
    TRACELOG_RECORD_UID: 'on',
    LINES: String(lines),
  }
  const application = startChild('faults/counting.mjs', { env })
  for (const logged of [1_000, 2_000]) {
    await application.prints(`logged ${logged};`)
    await collector.kill()
    collector = await startCollector('application', collector.env)
  }
  // However long the last one took to start: this is about lines of an application that goes on.
  application.kill('SIGHUP')
  const { code, stderr } = await application.ended
  // Nothing was dropped: not a word but, where it is away for longer than the tries of one request take, that it is.
  expect({ code, said: stderr.replace(AWAY, '') }).toEqual({ code: 0, said: '' })
  await expect.poll(async () => (await readLoki(loki.url, 'counting')).size, { timeout: 60_000 }).toBe(lines)
  const stored = await readLoki(loki.url, 'counting')
  const losses = countLosses(new Set(stored.keys()), stored)
  // Here "acknowledged" are all lines that the application has logged.
  const fault = 'Collector killed -9 twice, sender: an application with the preload'
  recordLosses({ fault, where: 'Loki' }, { ...losses, acknowledged: lines, lost: lines - losses.stored })
  expect(losses).toMatchObject({ duplicated: 0 })
})

/** @param env  of one before, to stand where it stood */
async function startCollector(name: string, env: Readonly<Record<string, string>> = {}): Promise<Otelcol> {
  return endsWithTest(
    await startOtelcol({
      configs: ['standalone.yaml'],
      folder: join(folder, name),
      env: { TRACELOG_LOKI: loki.otlpUrl, TRACELOG_TEMPO: tempo.otlpUrl, ...env },
    }),
  )
}
