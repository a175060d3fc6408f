import { expect, test } from 'vitest'

import { configOf } from './harness.ts'

test('OTEL_BSP_SCHEDULE_DELAY is how long a span waits for others, unless the one of records is set', () => {
  expect(configOf({ OTEL_BSP_SCHEDULE_DELAY: '900' }).scheduleDelayMillis).toBe(900)
  expect(configOf({ OTEL_BSP_SCHEDULE_DELAY: '900', OTEL_BLRP_SCHEDULE_DELAY: '50' }).scheduleDelayMillis).toBe(50)
})
