import { expect, test } from 'vitest'

import { configOf, expectProblem } from './harness.ts'

test('TRACELOG_REDACT_KEYS adds and removes keys', () => {
  const { redaction } = configOf({ TRACELOG_REDACT_KEYS: '+iban,-session' })
  expect([redaction.addedKeys, redaction.removedKeys]).toEqual([['iban'], ['session']])
})

test('a wrong TRACELOG_REDACT_KEYS is one loud problem, then the default', () => {
  expectProblem(
    { TRACELOG_REDACT_KEYS: 'iban' },
    'TRACELOG_REDACT_KEYS is "iban", but must be a comma list of +key (also hide) and -key (do not hide)',
  )
})
