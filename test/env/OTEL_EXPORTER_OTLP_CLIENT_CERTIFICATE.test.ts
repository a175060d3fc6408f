import { expect, test } from 'vitest'

import { configOf } from './harness.ts'

test('OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE names the file of our own certificate', () => {
  expect(configOf({ OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE: '/etc/cert.pem' }).otlp.traces.clientCertificateFile).toBe(
    '/etc/cert.pem',
  )
})
