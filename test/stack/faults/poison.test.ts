/** Records that Loki refuses for good (400): they alone are missing, whoever shared their request is stored. */
import { join } from 'node:path'

import { afterAll, beforeAll, expect } from 'vitest'

import { startLoki, type Loki } from '../../support/servers/loki.ts'
import { startOtelcol, type Otelcol } from '../../support/servers/otelcol.ts'
import { requireServers } from '../../support/servers/program.ts'
import { countLosses, recordLosses } from './support/losses.ts'
import { fileFolder } from './support/stack.ts'
import { readAggregate, readLoki } from './support/stored.ts'

const it = requireServers('otelcol', 'loki')
const folder = fileFolder('poison')
let loki: Loki
let collector: Otelcol

beforeAll(async () => {
  loki = await startLoki(join(folder, 'loki'))
  collector = await startOtelcol({
    configs: ['standalone.yaml'],
    folder: join(folder, 'otelcol'),
    env: { TRACELOG_LOKI: loki.otlpUrl },
  })
})
afterAll(() => Promise.all([collector.kill(), loki.kill()]))

interface Poison {
  readonly name: string
  readonly fault: string
  /** What makes the fifth of ten records poisonous. */
  readonly ageMillis?: number
  readonly key?: string
  readonly resourceKey?: string
  /** Whether it is stored all the same. */
  readonly isStored: boolean
}

const DAY_MILLIS = 86_400_000

it.for<Poison>([
  { name: 'old', fault: 'a record 40 days old, among others', ageMillis: 40 * DAY_MILLIS, isStored: false },
  { name: 'ahead', fault: 'a record two days ahead, among others', ageMillis: -2 * DAY_MILLIS, isStored: false },
  { name: 'empty-key', fault: 'an attribute without a name', key: '', isStored: true },
  { name: 'letterless-key', fault: 'an attribute named by no letter or digit', key: '日…', isStored: true },
  {
    name: 'letterless-resource',
    fault: 'a resource attribute named by no letter or digit',
    resourceKey: '..',
    isStored: true,
  },
])('$fault', async (poison) => {
  const service = `poison-${poison.name}`
  const uids = Array.from({ length: 10 }, (_, number) => `${service}-${number}`)
  expect((await post(makeRequest(service, uids, poison))).status).toBe(200)
  // One more, later: nothing waits behind the poison.
  const later = `${service}-later`
  expect(
    (await post(makeRequest(service, [later], { ...poison, ageMillis: 0, key: 'k', resourceKey: 'k' }))).status,
  ).toBe(200)

  const wanted = [...uids, later].filter((uid) => poison.isStored || uid !== uids[4])
  await expect
    .poll(async () => [...(await readLoki(loki.url, service)).keys()].toSorted(), { timeout: 30_000 })
    .toEqual(wanted.toSorted())
  // The aggregated file has all of them, the refused one too.
  expect([...readAggregate(collector, service).keys()].toSorted()).toEqual([...uids, later].toSorted())
  const acknowledged = new Set([...uids, later])
  recordLosses({ fault: poison.fault, where: 'Loki' }, countLosses(acknowledged, await readLoki(loki.url, service)))
})

function post(body: unknown): Promise<Response> {
  return fetch(`${collector.httpUrl}/v1/logs`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
}

function makeRequest(service: string, uids: readonly string[], poison: Poison): unknown {
  const { ageMillis = 0, key = 'k', resourceKey = 'k' } = poison
  const now = BigInt(Date.now()) * 1_000_000n
  const logRecords = uids.map((uid, number) => ({
    timeUnixNano: String(now + BigInt(number) - (number === 4 ? BigInt(ageMillis) * 1_000_000n : 0n)),
    body: { stringValue: 'line' },
    attributes: [
      { key: 'log.record.uid', value: { stringValue: uid } },
      { key: number === 4 ? key : 'k', value: { stringValue: 'v' } },
    ],
  }))
  const attributes = [
    { key: 'service.name', value: { stringValue: service } },
    { key: resourceKey, value: { stringValue: 'v' } },
  ]
  return { resourceLogs: [{ resource: { attributes }, scopeLogs: [{ logRecords }] }] }
}
