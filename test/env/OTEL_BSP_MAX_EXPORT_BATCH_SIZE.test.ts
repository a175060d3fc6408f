import { expect, test } from 'vitest'

import { configOf } from './harness.ts'

test('OTEL_BSP_MAX_EXPORT_BATCH_SIZE is the most spans of one request, unless the one of records is set', () => {
  expect(configOf({ OTEL_BSP_MAX_EXPORT_BATCH_SIZE: '100' }).maxBatchRecords).toBe(100)
})
