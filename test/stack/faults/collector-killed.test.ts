/** The Collector is killed under traffic: what it had acknowledged is in its queue, and arrives when it is started again. */
import { join } from 'node:path'

import { afterAll, beforeAll, expect } from 'vitest'

import { startLoki, type Loki } from '../../support/servers/loki.ts'
import { startOtelcol, type Otelcol } from '../../support/servers/otelcol.ts'
import { requireServers } from '../../support/servers/program.ts'
import { startTempo, type Tempo } from '../../support/servers/tempo.ts'
import { endsWithTest, fileFolder, settle, testSender } from './support/stack.ts'
import { readAggregate, readLoki, readTempo } from './support/stored.ts'

const it = requireServers('otelcol', 'loki', 'tempo')
const folder = fileFolder('collector-killed')
let loki: Loki
let tempo: Tempo

beforeAll(async () => {
  ;[loki, tempo] = await Promise.all([startLoki(join(folder, 'loki')), startTempo(join(folder, 'tempo'))])
})
afterAll(() => Promise.all([loki.stop(), tempo.kill()]))

it('killed three times under traffic, nothing acknowledged is lost', async () => {
  const start = async (env: Readonly<Record<string, string>> = {}): Promise<Otelcol> =>
    endsWithTest(
      await startOtelcol({
        configs: ['standalone.yaml'],
        folder: join(folder, 'otelcol'),
        env: { TRACELOG_LOKI: loki.otlpUrl, TRACELOG_TEMPO: tempo.otlpUrl, ...env },
      }),
    )
  let collector = await start()
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
    collector = await start(collector.env)
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
  expect(await settle({ fault, where: 'Tempo' }, spans, () => readTempo(tempo.url, spans.acknowledged))).toMatchObject({
    lost: 0,
  })
})
