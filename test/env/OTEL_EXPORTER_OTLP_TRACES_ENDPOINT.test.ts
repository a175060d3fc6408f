import { expect, test } from 'vitest'

import { configOf, expectProblem } from './harness.ts'

test('OTEL_EXPORTER_OTLP_TRACES_ENDPOINT is used as it is', () => {
  expect(configOf({ OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://traces.example/in' }).otlp.traces.url).toBe(
    'http://traces.example/in',
  )
})

test('a wrong OTEL_EXPORTER_OTLP_TRACES_ENDPOINT is one loud problem, then the default', () => {
  expectProblem(
    { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'x' },
    'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT is "x", but must be an http:// or https:// URL, as http://127.0.0.1:4318',
  )
})
