/** What the Collector hides follows from the application's own table: who adds a word there is told what to write here. */
import { globSync } from 'node:fs'

import { expect, test } from 'vitest'

import { COLLECTOR_FOLDER } from '../../support/servers/otelcol.ts'
import { readCollectorFile, readConfig } from '../../support/collector-config.ts'
import { jsonPattern, keyPattern, queryPatterns, vendorPatterns } from '../../support/collector-redaction.ts'

test.each(['agent.yaml', 'gateway.yaml', 'standalone.yaml'])('keys and values in %s', (file) => {
  const redaction = readConfig(file).processors['redaction'] as Readonly<Record<string, readonly string[]>>
  expect(redaction['blocked_key_patterns']).toEqual([keyPattern()])
  const patterns = [jsonPattern(), ...vendorPatterns()]
  expect(patterns.filter((pattern) => !redaction['blocked_values']!.includes(pattern))).toEqual([])
})

const RECEIVERS = globSync('receivers/*.yaml', { cwd: COLLECTOR_FOLDER }).filter((file) =>
  readCollectorFile(file).includes('url.query'),
)

test.each(RECEIVERS)('queries in %s', (file) => {
  const statements = [
    ...readCollectorFile(file).matchAll(/replace_pattern\(\w+\.attributes\["url\.query"\], (".*?"), /g),
  ]
  expect(statements.map(([, pattern = '']) => JSON.parse(pattern) as string)).toEqual(queryPatterns())
})

test('all balancers whose lines have a query', () => {
  expect(RECEIVERS.length).toBeGreaterThanOrEqual(6)
})
