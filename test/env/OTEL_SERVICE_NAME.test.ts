import { expect, test } from 'vitest'

import { configOf } from './harness.ts'

test('OTEL_SERVICE_NAME names the service', () => {
  expect(configOf({}).serviceName).toBeUndefined()
  expect(configOf({ OTEL_SERVICE_NAME: ' shop ' }).serviceName).toBe('shop')
})
