import { expect, test } from 'vitest'

import { configOf } from './harness.ts'

test('OTEL_EXPORTER_OTLP_CERTIFICATE names the file of the authority that is trusted', () => {
  expect(configOf({ OTEL_EXPORTER_OTLP_CERTIFICATE: '/etc/ca.pem' }).otlp.logs.certificateFile).toBe('/etc/ca.pem')
  expect(configOf({}).otlp.logs).not.toHaveProperty('certificateFile')
})
