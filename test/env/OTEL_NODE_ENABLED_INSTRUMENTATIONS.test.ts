import { expect, test } from 'vitest'

import { configOf } from './harness.ts'

test('OTEL_NODE_ENABLED_INSTRUMENTATIONS names the only ones to use', () => {
  expect(configOf({}).enabledInstrumentations).toBeUndefined()
  expect(configOf({ OTEL_NODE_ENABLED_INSTRUMENTATIONS: 'http, winston' }).enabledInstrumentations).toEqual([
    'http',
    'winston',
  ])
})
