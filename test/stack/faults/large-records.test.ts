/** Large records: each way takes what the one before it lets through, and nobody waits behind a record that is too large. */
import { join } from 'node:path'

import { afterAll, beforeAll, expect } from 'vitest'

import { startLoki, type Loki } from '../../support/servers/loki.ts'
import { startOtelcol, type Otelcol } from '../../support/servers/otelcol.ts'
import { requireServers } from '../../support/servers/program.ts'
import { countLosses, recordLosses } from './support/losses.ts'
import { fileFolder, settle, testSender } from './support/stack.ts'
import { readLoki } from './support/stored.ts'

const it = requireServers('otelcol', 'loki')
const folder = fileFolder('large-records')
let loki: Loki
let gateway: Otelcol
let agent: Otelcol

beforeAll(async () => {
  loki = await startLoki(join(folder, 'loki'))
  gateway = await startOtelcol({
    configs: ['gateway.yaml'],
    folder: join(folder, 'gateway'),
    env: { TRACELOG_LOKI: loki.otlpUrl },
  })
  agent = await startOtelcol({
    configs: ['agent.yaml'],
    folder: join(folder, 'agent'),
    env: { TRACELOG_GATEWAY: gateway.httpUrl, TRACELOG_FILES: join(folder, 'no-files', '*.log') },
  })
})
afterAll(() => Promise.all([agent, gateway, loki].map((server) => server.kill())))

it('40 records of 900 KB, sent at once, reach Loki through agent and gateway', async () => {
  const service = 'large'
  const sender = testSender({
    url: agent.httpUrl,
    signal: 'logs',
    service,
    batch: 5,
    perSecond: 200,
    bodyLength: 900_000,
  })
  await sender.acknowledges(40)
  await sender.finish()
  const fault = 'records of 900 KB'
  expect(await settle({ fault, where: 'Loki' }, sender, () => readLoki(loki.url, service))).toMatchObject({ lost: 0 })
})

it('a record of 17 MiB is dropped, and those sent before and after it arrive', async () => {
  const before = testSender({ url: agent.httpUrl, signal: 'logs', service: 'beside-a-huge-one', perSecond: 500 })
  await before.acknowledges(500)
  const huge = testSender({
    url: agent.httpUrl,
    signal: 'logs',
    service: 'huge',
    batch: 1,
    perSecond: 0.01,
    bodyLength: 17 * 2 ** 20,
  })
  await huge.acknowledges(1)
  await huge.finish()
  await before.acknowledges(1_000)
  await before.finish()
  const fault = 'beside a record of 17 MiB'
  const read = () => readLoki(loki.url, 'beside-a-huge-one')
  expect(await settle({ fault, where: 'Loki' }, before, read)).toMatchObject({ lost: 0 })
  // If this fails because it is there: good, then agent.yaml's comment and collector/LOSSES.md are to be changed.
  const lost = countLosses(huge.acknowledged, await readLoki(loki.url, 'huge'))
  recordLosses({ fault: 'a record of 17 MiB', where: 'Loki' }, lost)
  expect(lost).toMatchObject({ acknowledged: 1, lost: 1 })
})
