import { expect, test } from 'vitest'

import { configOf, expectProblem } from './harness.ts'

test('OTEL_EXPORTER_OTLP_TIMEOUT bounds one try', () => {
  expect(configOf({}).otlp.logs.timeoutMillis).toBe(10_000)
  expect(configOf({ OTEL_EXPORTER_OTLP_TIMEOUT: '250' }).otlp.logs.timeoutMillis).toBe(250)
})

test('a wrong OTEL_EXPORTER_OTLP_TIMEOUT is one loud problem, then the default', () => {
  expectProblem(
    { OTEL_EXPORTER_OTLP_TIMEOUT: '10s' },
    'OTEL_EXPORTER_OTLP_TIMEOUT is "10s", but must be a whole number from 1 to 3600000',
  )
})
