import { expect, test } from 'vitest'

import { configOf, expectProblem } from './harness.ts'

test('TRACELOG_RESPONSE_CONTEXT switches the response header with the trace', () => {
  expect(configOf({}).hops.sendsResponseContext).toBe(true)
  expect(configOf({ TRACELOG_RESPONSE_CONTEXT: 'off' }).hops.sendsResponseContext).toBe(false)
})

test('a wrong TRACELOG_RESPONSE_CONTEXT is one loud problem, then the default', () => {
  expectProblem({ TRACELOG_RESPONSE_CONTEXT: 'no' }, 'TRACELOG_RESPONSE_CONTEXT is "no", but must be one of on, off')
})
