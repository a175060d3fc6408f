import { expect, test } from 'vitest'

import { configOf, expectProblem } from './harness.ts'

test('OTEL_SDK_DISABLED nothing is started when it is true', () => {
  expect(configOf({}).isDisabled).toBe(false)
  expect(configOf({ OTEL_SDK_DISABLED: 'true' }).isDisabled).toBe(true)
  expect(configOf({ OTEL_SDK_DISABLED: 'False' }).isDisabled).toBe(false)
})

test('a wrong OTEL_SDK_DISABLED is one loud problem, then the default', () => {
  expectProblem({ OTEL_SDK_DISABLED: '1' }, 'OTEL_SDK_DISABLED is "1", but must be one of true, false')
})
