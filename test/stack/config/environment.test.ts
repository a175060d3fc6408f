/** The head of each file lists the variables that it reads, with their defaults: all of them, and no other. */
import { globSync } from 'node:fs'

import { expect, test } from 'vitest'

import { readCollectorFile, variablesListed, variablesRead } from '../../support/collector-config.ts'
import { COLLECTOR_FOLDER } from '../../support/servers/otelcol.ts'

/** They read no environment: there is nothing in the one, and Prometheus and Kustomize know none. */
const WITHOUT = ['none.yaml', 'prometheus.yaml', 'kustomization.yaml']
const files = globSync(['*.yaml', 'receivers/*.yaml'], { cwd: COLLECTOR_FOLDER }).toSorted()

test('there are files', () =>
  expect(files).toEqual(expect.arrayContaining([...WITHOUT, 'standalone.yaml', 'loki.yaml'])))

test.each(files)('%s', (file) => {
  const text = readCollectorFile(file)
  expect(Object.keys(variablesRead(text)).length === 0).toBe(WITHOUT.includes(file))
  expect(variablesListed(text)).toEqual(variablesRead(text))
})

/** What a role listens on, and whether it speaks TLS to the next one, is the role's own. */
const BY_ROLE = /_(?:OTLP_GRPC|OTLP_HTTP|HEALTH|METRICS_HOST|GATEWAY)$/

test('a variable of the Collector has one default, whichever file reads it', () => {
  const read = files.flatMap((file) => Object.entries(variablesRead(readCollectorFile(file))))
  const defaults = Map.groupBy(
    read.filter(([name]) => name.startsWith('TRACELOG_') && !BY_ROLE.test(name)),
    ([name]) => name,
  )
  const several = [...defaults].map(([name, pairs]) => [name, [...new Set(pairs.map(([, value]) => value))]] as const)
  expect(several.filter(([, values]) => values.length > 1)).toEqual([])
  expect(several.length).toBeGreaterThan(20)
})
