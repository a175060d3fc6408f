import { expect, test } from 'vitest'

import { configOf, expectProblem } from './harness.ts'

test('OTEL_EXPORTER_OTLP_LOGS_COMPRESSION compresses requests of logs', () => {
  const { otlp } = configOf({ OTEL_EXPORTER_OTLP_LOGS_COMPRESSION: 'gzip' })
  expect([otlp.logs.compression, otlp.traces.compression]).toEqual(['gzip', 'none'])
})

test('a wrong OTEL_EXPORTER_OTLP_LOGS_COMPRESSION is one loud problem, then the default', () => {
  expectProblem(
    { OTEL_EXPORTER_OTLP_LOGS_COMPRESSION: 'zip' },
    'OTEL_EXPORTER_OTLP_LOGS_COMPRESSION is "zip", but must be one of none, gzip',
  )
})
