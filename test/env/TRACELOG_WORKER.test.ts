import { expect, test } from 'vitest'

import { configOf, expectProblem } from './harness.ts'

test('TRACELOG_WORKER switches the export worker', () => {
  expect(configOf({}).usesWorker).toBe(true)
  expect(configOf({ TRACELOG_WORKER: 'off' }).usesWorker).toBe(false)
})

test('a wrong TRACELOG_WORKER is one loud problem, then the default', () => {
  expectProblem({ TRACELOG_WORKER: 'no' }, 'TRACELOG_WORKER is "no", but must be one of on, off')
})
