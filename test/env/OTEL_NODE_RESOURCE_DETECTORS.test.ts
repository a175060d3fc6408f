import { expect, test } from 'vitest'

import { configOf, expectProblem } from './harness.ts'

test('OTEL_NODE_RESOURCE_DETECTORS chooses what is found out about the process', () => {
  expect(configOf({}).resourceDetectors).toEqual(['all'])
  expect(configOf({ OTEL_NODE_RESOURCE_DETECTORS: 'env,host' }).resourceDetectors).toEqual(['env', 'host'])
})

test('a wrong OTEL_NODE_RESOURCE_DETECTORS is one loud problem, then the default', () => {
  expectProblem(
    { OTEL_NODE_RESOURCE_DETECTORS: 'cloud' },
    'OTEL_NODE_RESOURCE_DETECTORS is "cloud", but must be a comma list of env, host, os, process, serviceinstance, all, none',
  )
})
