import { expect, test } from 'vitest'

import { configOf, expectProblem } from './harness.ts'

test('TRACELOG_FILE_FORMAT chooses flat lines or OTLP', () => {
  expect(configOf({ TRACELOG_FILE_FORMAT: 'otlp', TRACELOG_FILE: 'x' }).destinations.file?.format).toBe('otlp')
})

test('a wrong TRACELOG_FILE_FORMAT is one loud problem, then the default', () => {
  expectProblem({ TRACELOG_FILE_FORMAT: 'csv' }, 'TRACELOG_FILE_FORMAT is "csv", but must be one of flat, otlp')
})
