import { expect, test } from 'vitest'

import { configOf, expectProblem } from './harness.ts'

test('OTEL_EXPORTER_OTLP_PROTOCOL chooses protobuf or JSON', () => {
  expect(configOf({}).otlp.logs.protocol).toBe('http/protobuf')
  expect(configOf({ OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json' }).otlp.traces.protocol).toBe('http/json')
})

test('a wrong OTEL_EXPORTER_OTLP_PROTOCOL is one loud problem, then the default', () => {
  expectProblem(
    { OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' },
    'OTEL_EXPORTER_OTLP_PROTOCOL is "grpc", but must be http/protobuf or http/json (gRPC is not there yet; OTLP/HTTP usually listens on port 4318)',
  )
})
