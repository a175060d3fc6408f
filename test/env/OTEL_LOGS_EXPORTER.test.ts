import { expect, test } from 'vitest'

import { configOf, expectProblem } from './harness.ts'

test('OTEL_LOGS_EXPORTER chooses where records go', () => {
  expect(configOf({}).destinations.logs).toEqual({ otlp: true, console: false, file: false })
  expect(configOf({ OTEL_LOGS_EXPORTER: 'console, otlp' }).destinations.logs).toEqual({
    otlp: true,
    console: true,
    file: false,
  })
  expect(configOf({ OTEL_LOGS_EXPORTER: 'none' }).destinations.logs).toEqual({
    otlp: false,
    console: false,
    file: false,
  })
  expect(configOf({ OTEL_LOGS_EXPORTER: 'file', TRACELOG_FILE: '/tmp/x' }).destinations.logs).toEqual({
    otlp: false,
    console: false,
    file: true,
  })
  expectProblem(
    { OTEL_LOGS_EXPORTER: 'file' },
    'OTEL_LOGS_EXPORTER is "file", but must be used together with TRACELOG_FILE, which names the file',
  )
  expectProblem(
    { OTEL_LOGS_EXPORTER: 'none,otlp' },
    'OTEL_LOGS_EXPORTER is "none,otlp", but must be a comma list of otlp, console, file, none; none alone',
  )
})

test('a wrong OTEL_LOGS_EXPORTER is one loud problem, then the default', () => {
  expectProblem(
    { OTEL_LOGS_EXPORTER: 'zipkin' },
    'OTEL_LOGS_EXPORTER is "zipkin", but must be a comma list of otlp, console, file, none',
  )
})
