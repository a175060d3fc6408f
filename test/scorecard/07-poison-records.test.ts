/**
 * Row 7: one record that cannot be read, of 40 kinds, in each batch of 500: its neighbours arrive, and it arrives in a form that says what
 * was wrong with it; nothing is thrown at the application, and the process ends as it would.
 */
import { beforeAll, expect, test } from 'vitest'

import { runChild, type ChildEnd } from '../support/child.ts'
import { startReceiver, type ReceivedLog } from '../support/receiver.ts'

const KINDS = 40
const BATCH = 500

interface Told {
  readonly names: readonly string[]
  readonly thrown: readonly string[]
  readonly polluted: boolean
}

let end: ChildEnd
let told: Told
let arrived: readonly ReceivedLog[]
let requests: number

beforeAll(async () => {
  const receiver = await startReceiver()
  const env = { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, OTEL_BLRP_MAX_EXPORT_BATCH_SIZE: String(BATCH) }
  end = await runChild('scorecard/poison.cjs', { env })
  arrived = receiver.receivedLogs
  requests = receiver.requests.length
  await receiver.close()
  told = JSON.parse(end.stdout) as Told
}, 120_000)

test('nothing reaches the application, and the process ends by itself', () => {
  expect(told).toMatchObject({ thrown: [], polluted: false })
  expect(told.names).toHaveLength(KINDS)
  expect({ code: end.code, signal: end.signal, stderr: end.stderr }).toEqual({ code: 0, signal: null, stderr: '' })
})

test('every neighbour arrives, once', () => {
  const bodies = arrived.map(({ record }) => record.body).filter((body) => /^\d+-\d+$/.test(body as string))
  expect(new Set(bodies).size).toBe(KINDS * (BATCH - 1))
  expect(bodies).toHaveLength(KINDS * (BATCH - 1))
  expect(requests).toBeGreaterThanOrEqual(KINDS)
})

test('the poison itself arrives, and says what could not be read', () => {
  const poison = new Map(
    arrived.flatMap(({ record }) =>
      typeof record.body === 'string' && record.body.startsWith('poison ') ? [[record.body.slice(7), record]] : [],
    ),
  )
  expect(told.names.filter((name) => !poison.has(name))).toEqual([])
  const said = (name: string) =>
    JSON.stringify(poison.get(name)?.attributes, (_, value: unknown) =>
      typeof value === 'bigint' ? String(value) : value,
    )
  for (const name of ['getter in attributes', 'getter as attribute', 'toJSON that throws', 'revoked proxy']) {
    expect(said(name)).toContain('[Throws')
  }
  expect(said('circle')).toContain('[Circular]')
  for (const name of [
    'text of 100 MB',
    'bytes of 100 MB',
    'a million items',
    'ten thousand attributes',
    'nesting of 100,000 lists',
  ]) {
    expect(poison.get(name)?.attributes).toMatchObject({ 'tracelog.truncated': true })
  }
})
