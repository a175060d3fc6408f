import { expect, test } from 'vitest'

import { configOf, expectProblem } from './harness.ts'

test('TRACELOG_CONSOLE_FORMAT chooses the lines of the exporter console', () => {
  expect(configOf({}).destinations.consoleFormat).toBe('text')
  expect(configOf({ TRACELOG_CONSOLE_FORMAT: 'json' }).destinations.consoleFormat).toBe('json')
})

test('a wrong TRACELOG_CONSOLE_FORMAT is one loud problem, then the default', () => {
  expectProblem({ TRACELOG_CONSOLE_FORMAT: 'xml' }, 'TRACELOG_CONSOLE_FORMAT is "xml", but must be one of text, json')
})
