import { expect, test } from 'vitest'

import { configOf, expectProblem } from './harness.ts'

test('OTEL_BLRP_MAX_EXPORT_BATCH_SIZE is the most records of one request', () => {
  expect(configOf({}).maxBatchRecords).toBe(8192)
  expect(configOf({ OTEL_BLRP_MAX_EXPORT_BATCH_SIZE: '512' }).maxBatchRecords).toBe(512)
})

test('a wrong OTEL_BLRP_MAX_EXPORT_BATCH_SIZE is one loud problem, then the default', () => {
  expectProblem(
    { OTEL_BLRP_MAX_EXPORT_BATCH_SIZE: '0' },
    'OTEL_BLRP_MAX_EXPORT_BATCH_SIZE is "0", but must be a whole number from 1 to 9007199254740991',
  )
})
