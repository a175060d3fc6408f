import { expect, test } from 'vitest'

import { configOf } from './harness.ts'

test('OTEL_NODE_DISABLED_INSTRUMENTATIONS names those not to use', () => {
  expect(configOf({}).disabledInstrumentations).toEqual([])
  expect(configOf({ OTEL_NODE_DISABLED_INSTRUMENTATIONS: 'http' }).disabledInstrumentations).toEqual(['http'])
})
