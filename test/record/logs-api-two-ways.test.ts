/** Records of the Logs API: straight to bytes they are those of the general path. */
import { ROOT_CONTEXT, trace } from '@opentelemetry/api'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'

import { createLoggerProvider } from '../../src/record/logger-provider.ts'
import { twoWays } from '../support/two-ways.ts'

const { general, fast, straight } = twoWays()
const [first, second] = [general, fast].map(({ records }) => createLoggerProvider(records).getLogger('api', '1'))
const context = trace.setSpanContext(ROOT_CONTEXT, { traceId: 'a'.repeat(32), spanId: 'b'.repeat(16), traceFlags: 1 })

const scalar = fc.oneof(fc.string(), fc.integer(), fc.double(), fc.boolean(), fc.constantFrom(null, undefined))
const attributes = fc.oneof(
  { weight: 3, arbitrary: fc.dictionary(fc.string(), scalar, { maxKeys: 4 }) },
  fc.object({ maxDepth: 2 }),
  fc.constant([1, 2]),
)
const plain = fc.record({
  severityNumber: fc.integer({ min: 0, max: 24 }),
  body: fc.string(),
  attributes: fc.dictionary(fc.stringMatching(/^[a-z.]{2,12}$/), scalar, { maxKeys: 4 }),
  context: fc.constantFrom(ROOT_CONTEXT, context),
})
const record = fc.record(
  {
    severityNumber: fc.oneof(fc.integer({ min: -1, max: 25 }), fc.constant('info')),
    severityText: fc.oneof(fc.string(), fc.integer()),
    body: fc.oneof({ weight: 3, arbitrary: fc.string() }, scalar, fc.object({ maxDepth: 1 })),
    eventName: fc.string(),
    attributes,
    timestamp: fc.oneof(fc.date(), fc.constant([1, 5]), fc.integer(), fc.constant('no time')),
    observedTimestamp: fc.date(),
    exception: fc.oneof(fc.constant(null), fc.string()),
    context: fc.constantFrom(ROOT_CONTEXT, context, 7),
  },
  { requiredKeys: [] },
)

test('whatever is emitted', () => {
  fc.assert(
    fc.property(fc.oneof(record, plain) as fc.Arbitrary<never>, (given) => {
      first?.emit(given)
      second?.emit(given)
      expect(Buffer.from(fast.take()).toString('latin1')).toBe(Buffer.from(general.take()).toString('latin1'))
    }),
    { numRuns: 1500 },
  )
  expect(straight()).toBeGreaterThan(50)
})

test('a getter runs once', () => {
  let runs = 0
  const counted = { get: () => ++runs, enumerable: true }
  second?.emit(
    Object.defineProperties({}, { body: counted, attributes: { value: Object.defineProperty({}, 'a', counted) } }),
  )
  expect(runs).toBe(2)
})
