import { expect, test } from 'vitest'

import { configOf, expectProblem } from './harness.ts'

test("OTEL_EXPORTER_OTLP_ENDPOINT is a base that the signal's path is appended to", () => {
  expect(configOf({}).otlp.logs.url).toBe('http://127.0.0.1:4318/v1/logs')
  expect(configOf({ OTEL_EXPORTER_OTLP_ENDPOINT: 'https://otlp.example:4318/base/' }).otlp.traces.url).toBe(
    'https://otlp.example:4318/base/v1/traces',
  )
})

test('a wrong OTEL_EXPORTER_OTLP_ENDPOINT is one loud problem, then the default', () => {
  expectProblem(
    { OTEL_EXPORTER_OTLP_ENDPOINT: 'collector:4318' },
    'OTEL_EXPORTER_OTLP_ENDPOINT is "collector:4318", but must be an http:// or https:// URL, as http://127.0.0.1:4318',
  )
})
