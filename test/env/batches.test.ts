/** How many records wait for how long, and how many travel together. */
import { expect, test } from 'vitest'

import { runChild } from '../support/child.ts'
import { run } from './run.ts'

const HOUR = '3600000'

/** Requests with records of ten records that come one by one. */
async function requestsOfTen(env: Record<string, string>): Promise<number> {
  const { logs, requests } = await run('env/ticks.cjs', [], env)
  expect(logs).toHaveLength(10)
  return requests.length
}

test.each([{ OTEL_BLRP_SCHEDULE_DELAY: HOUR, OTEL_BSP_SCHEDULE_DELAY: '0' }, { OTEL_BSP_SCHEDULE_DELAY: HOUR }])(
  '%o: what waits long travels together at the end',
  async (env) => {
    expect(await requestsOfTen(env as Record<string, string>)).toBe(1)
  },
)

test.each([{ OTEL_BLRP_SCHEDULE_DELAY: '0', OTEL_BSP_SCHEDULE_DELAY: HOUR }, { OTEL_BSP_SCHEDULE_DELAY: '0' }])(
  '%o: what does not wait travels in several requests',
  async (env) => {
    expect(await requestsOfTen(env as Record<string, string>)).toBeGreaterThan(1)
  },
)

test.each([
  { OTEL_BLRP_MAX_EXPORT_BATCH_SIZE: '10', OTEL_BSP_MAX_EXPORT_BATCH_SIZE: '1' },
  { OTEL_BSP_MAX_EXPORT_BATCH_SIZE: '10' },
])('%o: fifty records are five requests', async (env) => {
  const { logs, requests } = await run('ends/end.cjs', ['exit3', 'none', 'r', '50'], env)
  expect(logs).toHaveLength(50)
  expect(requests).toHaveLength(5)
})

test.each([
  { env: { TRACELOG_QUEUE_MAX_BYTES: '65536' }, isFull: true },
  { env: {}, isFull: false },
])('with $env the queue of 5000 records that nobody takes is full: $isFull', async ({ env, isFull }) => {
  const ended = await runChild('ends/end.cjs', {
    args: ['exit3', 'none', 'r', '5000'],
    env: { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:1', ...(env as Record<string, string>) },
  })
  expect(ended.stderr.includes('queue_full')).toBe(isFull)
})
