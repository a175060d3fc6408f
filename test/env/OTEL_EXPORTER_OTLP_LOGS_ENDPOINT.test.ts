import { expect, test } from 'vitest'

import { configOf, expectProblem } from './harness.ts'

test('OTEL_EXPORTER_OTLP_LOGS_ENDPOINT is used as it is', () => {
  const { otlp } = configOf({
    OTEL_EXPORTER_OTLP_LOGS_ENDPOINT: 'http://logs.example/in',
    OTEL_EXPORTER_OTLP_ENDPOINT: 'http://all.example',
  })
  expect(otlp.logs.url).toBe('http://logs.example/in')
  expect(otlp.traces.url).toBe('http://all.example/v1/traces')
})

test('a wrong OTEL_EXPORTER_OTLP_LOGS_ENDPOINT is one loud problem, then the default', () => {
  expectProblem(
    { OTEL_EXPORTER_OTLP_LOGS_ENDPOINT: 'ftp://x' },
    'OTEL_EXPORTER_OTLP_LOGS_ENDPOINT is "ftp://x", but must be an http:// or https:// URL, as http://127.0.0.1:4318',
  )
})
