import { expect, test } from 'vitest'

import { configOf, expectProblem } from './harness.ts'

test('OTEL_PROPAGATORS chooses the headers that carry a trace', () => {
  expect(configOf({}).hops.propagators).toEqual(['tracecontext', 'baggage'])
  expect(configOf({ OTEL_PROPAGATORS: 'tracecontext' }).hops.propagators).toEqual(['tracecontext'])
  expect(configOf({ OTEL_PROPAGATORS: 'none' }).hops.propagators).toEqual([])
})

test('a wrong OTEL_PROPAGATORS is one loud problem, then the default', () => {
  expectProblem(
    { OTEL_PROPAGATORS: 'b3' },
    'OTEL_PROPAGATORS is "b3", but must be a comma list of tracecontext, baggage, none',
  )
})
