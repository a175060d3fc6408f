import { expect, test } from 'vitest'

import { configOf } from './harness.ts'

test('OTEL_EXPORTER_OTLP_LOGS_HEADERS adds to the general ones, for logs only', () => {
  const { otlp } = configOf({ OTEL_EXPORTER_OTLP_LOGS_HEADERS: 'x=2,y=3', OTEL_EXPORTER_OTLP_HEADERS: 'x=1' })
  expect(otlp.logs.headers).toEqual({ x: '2', y: '3' })
  expect(otlp.traces.headers).toEqual({ x: '1' })
})
