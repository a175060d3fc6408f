import { expect, test } from 'vitest'

import { configOf, expectProblem } from './harness.ts'

test('OTEL_EXPORTER_OTLP_TRACES_COMPRESSION compresses requests of spans', () => {
  const { otlp } = configOf({ OTEL_EXPORTER_OTLP_TRACES_COMPRESSION: 'gzip' })
  expect([otlp.logs.compression, otlp.traces.compression]).toEqual(['none', 'gzip'])
})

test('a wrong OTEL_EXPORTER_OTLP_TRACES_COMPRESSION is one loud problem, then the default', () => {
  expectProblem(
    { OTEL_EXPORTER_OTLP_TRACES_COMPRESSION: 'zip' },
    'OTEL_EXPORTER_OTLP_TRACES_COMPRESSION is "zip", but must be one of none, gzip',
  )
})
