import { expect, test } from 'vitest'

import { configOf, expectProblem } from './harness.ts'

test('OTEL_RESOURCE_ATTRIBUTES adds attributes, percent-decoded', () => {
  expect(
    configOf({ OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment.name=prod, team=a%2Cb' }).resourceAttributes,
  ).toEqual({
    'deployment.environment.name': 'prod',
    team: 'a,b',
  })
})

test('a wrong OTEL_RESOURCE_ATTRIBUTES is one loud problem, then the default', () => {
  expectProblem(
    { OTEL_RESOURCE_ATTRIBUTES: 'novalue' },
    'OTEL_RESOURCE_ATTRIBUTES is "novalue", but must be a comma list of key=value pairs, percent-encoded where needed',
  )
})
