import { expect, test } from 'vitest'

import { configOf, expectProblem } from './harness.ts'

test('OTEL_EXPORTER_OTLP_LOGS_PROTOCOL wins over the general one, for logs only', () => {
  const { otlp } = configOf({ OTEL_EXPORTER_OTLP_LOGS_PROTOCOL: 'http/json' })
  expect([otlp.logs.protocol, otlp.traces.protocol]).toEqual(['http/json', 'http/protobuf'])
})

test('a wrong OTEL_EXPORTER_OTLP_LOGS_PROTOCOL is one loud problem, then the default', () => {
  expectProblem(
    { OTEL_EXPORTER_OTLP_LOGS_PROTOCOL: 'thrift' },
    'OTEL_EXPORTER_OTLP_LOGS_PROTOCOL is "thrift", but must be one of http/protobuf, http/json',
  )
})
