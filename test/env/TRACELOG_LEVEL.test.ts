import { expect, test } from 'vitest'

import { configOf, expectProblem } from './harness.ts'

test('TRACELOG_LEVEL is one level for all, and others by scope', () => {
  expect(configOf({}).levels).toEqual({ severity: undefined, scopes: [] })
  expect(configOf({ TRACELOG_LEVEL: 'warn' }).levels.severity).toBe(13)
  expect(configOf({ TRACELOG_LEVEL: 'off' }).levels.severity).toBe(25)
  expect(configOf({ TRACELOG_LEVEL: '17' }).levels.severity).toBe(17)
  expect(configOf({ TRACELOG_LEVEL: 'info,db=debug,http=warn' }).levels).toEqual({
    severity: 9,
    scopes: [
      { prefix: 'db', severity: 5 },
      { prefix: 'http', severity: 13 },
    ],
  })
})

test('a wrong TRACELOG_LEVEL is one loud problem, then the default', () => {
  expectProblem(
    { TRACELOG_LEVEL: 'loud' },
    'TRACELOG_LEVEL is "loud", but must be one of trace, silly, debug, verbose, http, info, notice, warn, warning, error, crit, critical, fatal, alert, emerg, off, a number from 1 to 24, or a list as info,db=debug,http=warn',
  )
})
