import { expect, test } from 'vitest'

import { configOf, expectProblem } from './harness.ts'

test('OTEL_EXPORTER_OTLP_TRACES_TIMEOUT bounds one try, for spans only', () => {
  const { otlp } = configOf({ OTEL_EXPORTER_OTLP_TRACES_TIMEOUT: '250' })
  expect([otlp.logs.timeoutMillis, otlp.traces.timeoutMillis]).toEqual([10_000, 250])
})

test('a wrong OTEL_EXPORTER_OTLP_TRACES_TIMEOUT is one loud problem, then the default', () => {
  expectProblem(
    { OTEL_EXPORTER_OTLP_TRACES_TIMEOUT: '0' },
    'OTEL_EXPORTER_OTLP_TRACES_TIMEOUT is "0", but must be a whole number from 1 to 3600000',
  )
})
