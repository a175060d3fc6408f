import { expect, test } from 'vitest'

import { configOf } from './harness.ts'

test('OTEL_EXPORTER_OTLP_CLIENT_KEY names the file of our own key', () => {
  expect(configOf({ OTEL_EXPORTER_OTLP_CLIENT_KEY: '/etc/key.pem' }).otlp.traces.clientKeyFile).toBe('/etc/key.pem')
})
