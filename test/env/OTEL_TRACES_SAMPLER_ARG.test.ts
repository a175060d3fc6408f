import { expect, test } from 'vitest'

import { configOf, expectProblem } from './harness.ts'

test("OTEL_TRACES_SAMPLER_ARG is the sampler's ratio", () => {
  expect(configOf({ OTEL_TRACES_SAMPLER_ARG: '0.25' }).hops.sampler.ratio).toBe(0.25)
})

test('a wrong OTEL_TRACES_SAMPLER_ARG is one loud problem, then the default', () => {
  expectProblem({ OTEL_TRACES_SAMPLER_ARG: '2' }, 'OTEL_TRACES_SAMPLER_ARG is "2", but must be a number from 0 to 1')
})
