import { expect, test } from 'vitest'

import { configOf, expectProblem } from './harness.ts'

test('OTEL_EXPORTER_OTLP_HEADERS is sent with every request, percent-decoded, and never repeated in a message', () => {
  expect(configOf({ OTEL_EXPORTER_OTLP_HEADERS: 'Authorization=Bearer%20abc, x=1' }).otlp.logs.headers).toEqual({
    authorization: 'Bearer abc',
    x: '1',
  })
})

test('a wrong OTEL_EXPORTER_OTLP_HEADERS is one loud problem, then the default', () => {
  expectProblem(
    { OTEL_EXPORTER_OTLP_HEADERS: 'secret' },
    'OTEL_EXPORTER_OTLP_HEADERS is "...", but must be a list of key=value pairs, separated by commas',
  )
})
