/** Loki is killed under traffic: what it had taken is in its WAL, what it had not is in the Collector's queue. */
import { join } from 'node:path'

import { expect } from 'vitest'

import { startLoki } from '../../support/servers/loki.ts'
import { startOtelcol } from '../../support/servers/otelcol.ts'
import { requireServers } from '../../support/servers/program.ts'
import { endsWithTest, fileFolder, settle, testSender } from './support/stack.ts'
import { readLoki } from './support/stored.ts'

const folder = fileFolder('loki-killed')

requireServers('otelcol', 'loki')('killed twice under traffic, nothing acknowledged is lost', async () => {
  let loki = endsWithTest(await startLoki(join(folder, 'loki')))
  const collector = endsWithTest(
    await startOtelcol({
      configs: ['standalone.yaml'],
      folder: join(folder, 'otelcol'),
      env: { TRACELOG_LOKI: loki.otlpUrl },
    }),
  )
  const sender = testSender({ url: collector.httpUrl, signal: 'logs', service: 'loki-killed' })
  for (let kills = 0; kills < 2; kills++) {
    await sender.acknowledges(2_000)
    await loki.kill()
    loki = endsWithTest(await startLoki(join(folder, 'loki'), loki.env))
  }
  await sender.acknowledges(500)
  await sender.finish()

  // The Collector took everything all the time.
  expect([...sender.refusals]).toEqual([])
  const fault = 'Loki killed -9 twice'
  expect(await settle({ fault, where: 'Loki' }, sender, () => readLoki(loki.url, 'loki-killed'))).toMatchObject({
    lost: 0,
  })
})
