import { expect, test } from 'vitest'

import { configOf } from './harness.ts'

test('OTEL_EXPORTER_OTLP_TRACES_HEADERS adds to the general ones, for spans only', () => {
  const { otlp } = configOf({ OTEL_EXPORTER_OTLP_TRACES_HEADERS: 'y=3', OTEL_EXPORTER_OTLP_HEADERS: 'x=1' })
  expect(otlp.traces.headers).toEqual({ x: '1', y: '3' })
})
