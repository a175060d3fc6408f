import { expect, test } from 'vitest'

import { configOf, expectProblem } from './harness.ts'

test('TRACELOG_QUEUE_MAX_BYTES bounds what waits in memory', () => {
  expect(configOf({}).queueMaxBytes).toBe(33_554_432)
  expect(configOf({ TRACELOG_QUEUE_MAX_BYTES: '1000000' }).queueMaxBytes).toBe(1_000_000)
})

test('a wrong TRACELOG_QUEUE_MAX_BYTES is one loud problem, then the default', () => {
  expectProblem(
    { TRACELOG_QUEUE_MAX_BYTES: '1MB' },
    'TRACELOG_QUEUE_MAX_BYTES is "1MB", but must be a whole number from 65536 to 9007199254740991',
  )
})
