import { expect, test } from 'vitest'

import { configOf, expectProblem } from './harness.ts'

test('TRACELOG_PROPAGATE_TO names who gets the trace', () => {
  expect(configOf({}).hops.propagateTo).toBe('all')
  expect(configOf({ TRACELOG_PROPAGATE_TO: 'trusted' }).hops.propagateTo).toBe('trusted')
  expect(configOf({ TRACELOG_PROPAGATE_TO: 'api.internal' }).hops.propagateTo).toEqual(['api.internal'])
})

test('a wrong TRACELOG_PROPAGATE_TO is one loud problem, then the default', () => {
  expectProblem(
    { TRACELOG_PROPAGATE_TO: 'http://x' },
    'TRACELOG_PROPAGATE_TO is "http://x", but must be a comma list of host names, addresses and CIDR ranges, as api.internal,10.0.0.0/8',
  )
})
