import { expect, test } from 'vitest'

import { configOf, expectProblem } from './harness.ts'

test('TRACELOG_LOGS_FOLLOW_SAMPLING leaves out the records of unsampled traces', () => {
  expect(configOf({}).hops.logsFollowSampling).toBe(false)
  expect(configOf({ TRACELOG_LOGS_FOLLOW_SAMPLING: 'on' }).hops.logsFollowSampling).toBe(true)
})

test('a wrong TRACELOG_LOGS_FOLLOW_SAMPLING is one loud problem, then the default', () => {
  expectProblem(
    { TRACELOG_LOGS_FOLLOW_SAMPLING: 'yes' },
    'TRACELOG_LOGS_FOLLOW_SAMPLING is "yes", but must be one of on, off',
  )
})
