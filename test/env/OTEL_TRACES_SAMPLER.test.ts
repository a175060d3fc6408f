import { expect, test } from 'vitest'

import { configOf, expectProblem } from './harness.ts'

test('OTEL_TRACES_SAMPLER chooses the sampler', () => {
  expect(configOf({}).hops.sampler).toEqual({ name: 'parentbased_always_on', ratio: 1 })
  expect(configOf({ OTEL_TRACES_SAMPLER: 'always_off' }).hops.sampler.name).toBe('always_off')
})

test('a wrong OTEL_TRACES_SAMPLER is one loud problem, then the default', () => {
  expectProblem(
    { OTEL_TRACES_SAMPLER: 'sometimes' },
    'OTEL_TRACES_SAMPLER is "sometimes", but must be one of always_on, always_off, traceidratio, parentbased_always_on, parentbased_always_off, parentbased_traceidratio',
  )
})
