import { expect, test } from 'vitest'

import { configOf, expectProblem } from './harness.ts'

test('OTEL_LINK_ATTRIBUTE_COUNT_LIMIT bounds what a span holds', () => {
  expect(configOf({}).hops.spanLimits).toEqual({})
  expect(configOf({ OTEL_LINK_ATTRIBUTE_COUNT_LIMIT: '7' }).hops.spanLimits).toEqual({ attributePerLinkCount: 7 })
})

test('a wrong OTEL_LINK_ATTRIBUTE_COUNT_LIMIT is one loud problem, then the default', () => {
  expectProblem(
    { OTEL_LINK_ATTRIBUTE_COUNT_LIMIT: 'many' },
    'OTEL_LINK_ATTRIBUTE_COUNT_LIMIT is "many", but must be a whole number from 0 to 9007199254740991',
  )
})
