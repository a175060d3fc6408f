/** The head of each file lists the variables that it reads, with their defaults: all of them, and no other. */
import { expect, test } from 'vitest'

import { readCollectorFile, variablesListed, variablesRead } from '../../support/collector-config.ts'

test.each([
  'standalone.yaml',
  'gateway.yaml',
  'agent.yaml',
  'kafka-agent.yaml',
  'kafka-gateway.yaml',
  'metrics.yaml',
  'lb-spans.yaml',
  'selflogs.yaml',
  'gateway-balancer.yaml',
  'gateway-balancer-dns.yaml',
  'secure-standalone.yaml',
  'secure-gateway.yaml',
  'secure-agent.yaml',
  'loki.yaml',
  'tempo.yaml',
])('%s', (file) => {
  const text = readCollectorFile(file)
  expect(Object.keys(variablesListed(text))).not.toEqual([])
  expect(variablesListed(text)).toEqual(variablesRead(text))
})
