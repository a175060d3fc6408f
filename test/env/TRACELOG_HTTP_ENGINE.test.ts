import { expect, test } from 'vitest'

import { configOf, expectProblem } from './harness.ts'

test('TRACELOG_HTTP_ENGINE chooses how HTTP is seen', () => {
  expect(configOf({}).hops.httpEngine).toBe('channels')
  expect(configOf({ TRACELOG_HTTP_ENGINE: 'otel' }).hops.httpEngine).toBe('otel')
  expectProblem({ TRACELOG_HTTP_ENGINE: 'x' }, 'TRACELOG_HTTP_ENGINE is "x", but must be one of channels, otel')
})
