/** Tempo away holds up no logs, and its spans come later; a kill -9 of Tempo loses its newest seconds, which is not promised. */
import { join } from 'node:path'

import { afterAll, beforeAll, expect } from 'vitest'

import { freePort } from '../../support/servers/free-port.ts'
import { startLoki, type Loki } from '../../support/servers/loki.ts'
import { startOtelcol, type Otelcol } from '../../support/servers/otelcol.ts'
import { requireServers } from '../../support/servers/program.ts'
import { startTempo } from '../../support/servers/tempo.ts'
import { countLosses, recordLosses } from './support/losses.ts'
import { SHORT_OUTAGE_SECONDS } from './support/outage.ts'
import { endsWithTest, fileFolder, settle, testSender, UNEXPLAINED_SPANS } from './support/stack.ts'
import { readLoki, readTempo } from './support/stored.ts'

const it = requireServers('otelcol', 'loki', 'tempo')
const folder = fileFolder('tempo')
let loki: Loki

beforeAll(async () => {
  loki = await startLoki(join(folder, 'loki'))
})
afterAll(() => loki.kill())

async function startCollector(name: string, tempoUrl: string): Promise<Otelcol> {
  const env = { TRACELOG_LOKI: loki.otlpUrl, TRACELOG_TEMPO: tempoUrl }
  return endsWithTest(await startOtelcol({ configs: ['standalone.yaml'], folder: join(folder, name), env }))
}

it(
  'away: logs arrive as ever; the spans arrive when it is back',
  async () => {
    const otlp = `127.0.0.1:${await freePort()}`
    const collector = await startCollector('away', `http://${otlp}`)
    const url = collector.httpUrl
    const logs = testSender({ url, signal: 'logs', service: 'tempo-away-logs', perSecond: 200 })
    const spans = testSender({ url, signal: 'spans', service: 'tempo-away-spans', perSecond: 20, batch: 10 })
    await Promise.all([logs.acknowledges(200 * SHORT_OUTAGE_SECONDS), spans.acknowledges(20 * SHORT_OUTAGE_SECONDS)])
    await Promise.all([logs.finish(), spans.finish()])
    expect([...logs.refusals, ...spans.refusals]).toEqual([])

    const fault = `Tempo away for ${SHORT_OUTAGE_SECONDS} s`
    const sent = performance.now()
    expect(await settle({ fault, where: 'Loki' }, logs, () => readLoki(loki.url, 'tempo-away-logs'))).toMatchObject({
      lost: 0,
    })
    // 500 ms of batching, and what a slow machine needs; an attempt that waited for Tempo would take its time-out, 30 s
    expect(performance.now() - sent).toBeLessThan(20_000)

    const tempo = endsWithTest(await startTempo(join(folder, 'tempo-away'), { TEMPO_OTLP_HTTP: otlp }))
    const read = () => readTempo(tempo.url, spans.acknowledged)
    expect((await settle({ fault, where: 'Tempo' }, spans, read)).lost).toBeLessThanOrEqual(UNEXPLAINED_SPANS)
  },
  (SHORT_OUTAGE_SECONDS + 360) * 1_000,
)

it('killed: only spans of the last seconds before are lost, none after', async () => {
  const before = endsWithTest(await startTempo(join(folder, 'tempo-killed')))
  const collector = await startCollector('killed', before.otlpUrl)
  const perSecond = 50
  const spans = testSender({ url: collector.httpUrl, signal: 'spans', service: 'tempo-killed', perSecond, batch: 5 })
  await spans.acknowledges(perSecond * 20)
  const acknowledgedBefore = spans.acknowledged.size
  await before.kill()
  const tempo = endsWithTest(await startTempo(join(folder, 'tempo-killed'), before.env))
  await spans.acknowledges(perSecond * 5)
  await spans.finish()

  // What was sent after the kill arrives; then nothing more will.
  const newest = [...spans.acknowledged].slice(acknowledgedBefore)
  await expect
    .poll(async () => (await readTempo(tempo.url, newest)).size, { timeout: 90_000, interval: 500 })
    .toBeGreaterThanOrEqual(newest.length - UNEXPLAINED_SPANS)
  const stored = await readTempo(tempo.url, spans.acknowledged)
  recordLosses({ fault: 'Tempo killed -9', where: 'Tempo' }, countLosses(spans.acknowledged, stored))
  const old = [...spans.acknowledged].slice(0, acknowledgedBefore - perSecond * 12)
  expect(old.filter((traceId) => !stored.has(traceId)).length).toBeLessThanOrEqual(UNEXPLAINED_SPANS)
})
