import { expect, test } from 'vitest'

import { configOf, expectProblem } from './harness.ts'

test('OTEL_BLRP_SCHEDULE_DELAY is how long a record waits for others', () => {
  expect(configOf({}).scheduleDelayMillis).toBe(200)
  expect(configOf({ OTEL_BLRP_SCHEDULE_DELAY: '1000' }).scheduleDelayMillis).toBe(1000)
})

test('a wrong OTEL_BLRP_SCHEDULE_DELAY is one loud problem, then the default', () => {
  expectProblem(
    { OTEL_BLRP_SCHEDULE_DELAY: '-1' },
    'OTEL_BLRP_SCHEDULE_DELAY is "-1", but must be a whole number from 0 to 9007199254740991',
  )
})
