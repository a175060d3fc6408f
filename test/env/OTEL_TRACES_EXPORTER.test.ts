import { expect, test } from 'vitest'

import { configOf, expectProblem } from './harness.ts'

test('OTEL_TRACES_EXPORTER chooses where spans go', () => {
  expect(configOf({}).destinations.traces).toEqual({ otlp: true, console: false, file: false })
  expect(configOf({ OTEL_TRACES_EXPORTER: 'console' }).destinations.traces).toEqual({
    otlp: false,
    console: true,
    file: false,
  })
})

test('a wrong OTEL_TRACES_EXPORTER is one loud problem, then the default', () => {
  expectProblem(
    { OTEL_TRACES_EXPORTER: 'file' },
    'OTEL_TRACES_EXPORTER is "file", but must be a comma list of otlp, console, none',
  )
})
