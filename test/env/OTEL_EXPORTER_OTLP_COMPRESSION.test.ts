import { expect, test } from 'vitest'

import { configOf, expectProblem } from './harness.ts'

test('OTEL_EXPORTER_OTLP_COMPRESSION compresses requests', () => {
  expect(configOf({}).otlp.logs.compression).toBe('none')
  expect(configOf({ OTEL_EXPORTER_OTLP_COMPRESSION: 'gzip' }).otlp.logs.compression).toBe('gzip')
})

test('a wrong OTEL_EXPORTER_OTLP_COMPRESSION is one loud problem, then the default', () => {
  expectProblem(
    { OTEL_EXPORTER_OTLP_COMPRESSION: 'zip' },
    'OTEL_EXPORTER_OTLP_COMPRESSION is "zip", but must be one of none, gzip',
  )
})
