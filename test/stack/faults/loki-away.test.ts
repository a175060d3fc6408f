/**
 * Loki is away for a minute (TRACELOG_TEST_OUTAGE_SECONDS for more): senders notice nothing, other destinations neither,
 * and everything arrives when it is back. A minute is twice the exporter's longest wait between two attempts.
 */
import { join } from 'node:path'

import { expect } from 'vitest'

import { startLoki } from '../../support/servers/loki.ts'
import { startOtelcol } from '../../support/servers/otelcol.ts'
import { requireServers } from '../../support/servers/program.ts'
import { OUTAGE_SECONDS } from './support/outage.ts'
import { endsWithTest, fileFolder, settle, testSender } from './support/stack.ts'
import { readAggregate, readLoki } from './support/stored.ts'

const folder = fileFolder('loki-away')
const PER_SECOND = 200

requireServers('otelcol', 'loki')(
  `away for ${OUTAGE_SECONDS} s under traffic, nothing acknowledged is lost`,
  async () => {
    const before = await startLoki(join(folder, 'loki'))
    endsWithTest(before)
    const collector = endsWithTest(
      await startOtelcol({
        configs: ['standalone.yaml'],
        folder: join(folder, 'otelcol'),
        env: { TRACELOG_LOKI: before.otlpUrl },
      }),
    )
    const service = 'loki-away'
    const sender = testSender({ url: collector.httpUrl, signal: 'logs', service, perSecond: PER_SECOND })
    await sender.acknowledges(PER_SECOND)
    await before.kill()
    const wentAway = performance.now()
    await sender.acknowledges(PER_SECOND * OUTAGE_SECONDS)
    expect(performance.now() - wentAway).toBeGreaterThanOrEqual(OUTAGE_SECONDS * 990)
    const loki = endsWithTest(await startLoki(join(folder, 'loki'), before.env))
    await sender.finish()

    expect([...sender.refusals]).toEqual([])
    const fault = `Loki away for ${OUTAGE_SECONDS} s`
    expect(await settle({ fault, where: 'Loki' }, sender, () => readLoki(loki.url, service))).toMatchObject({ lost: 0 })
    expect(
      await settle({ fault, where: 'aggregated file' }, sender, () => readAggregate(collector, service)),
    ).toMatchObject({ lost: 0, duplicated: 0 })
  },
  (OUTAGE_SECONDS + 360) * 1_000,
)
