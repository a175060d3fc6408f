import { expect, test } from 'vitest'

import { configOf, expectProblem } from './harness.ts'

test('OTEL_EXPORTER_OTLP_LOGS_TIMEOUT bounds one try, for logs only', () => {
  const { otlp } = configOf({ OTEL_EXPORTER_OTLP_LOGS_TIMEOUT: '250' })
  expect([otlp.logs.timeoutMillis, otlp.traces.timeoutMillis]).toEqual([250, 10_000])
})

test('a wrong OTEL_EXPORTER_OTLP_LOGS_TIMEOUT is one loud problem, then the default', () => {
  expectProblem(
    { OTEL_EXPORTER_OTLP_LOGS_TIMEOUT: '0' },
    'OTEL_EXPORTER_OTLP_LOGS_TIMEOUT is "0", but must be a whole number from 1 to 3600000',
  )
})
