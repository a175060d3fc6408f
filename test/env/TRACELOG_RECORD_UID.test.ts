import { expect, test } from 'vitest'

import { configOf, expectProblem } from './harness.ts'

test('TRACELOG_RECORD_UID gives each record an id of its own', () => {
  expect(configOf({}).addsRecordUid).toBe(false)
  expect(configOf({ TRACELOG_RECORD_UID: 'on' }).addsRecordUid).toBe(true)
})

test('a wrong TRACELOG_RECORD_UID is one loud problem, then the default', () => {
  expectProblem({ TRACELOG_RECORD_UID: 'yes' }, 'TRACELOG_RECORD_UID is "yes", but must be one of on, off')
})
