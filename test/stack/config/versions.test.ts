/** The versions in the compose files are those of the programs that the tests run, as far as these tell theirs. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

import { expect, test } from 'vitest'

import { ROOT } from '../../support/compose.ts'
import { findServer, requireServers } from '../../support/servers/program.ts'
import { runToEnd } from '../../support/servers/server-process.ts'
import { stackImages, stackVersion } from '../../support/stack-versions.ts'

function repositoryFile(...path: readonly string[]): string {
  return readFileSync(join(ROOT, ...path), 'utf8')
}

test('each image has an exact tag and is written once', () => {
  const images = stackImages()
  for (const { name, tag } of images) expect(tag, name).toMatch(/^v?\d+\.\d+\.\d+(?:-slim)?$/)
  const names = images.map(({ name }) => name)
  expect(names).toEqual([...new Set(names)])
  expect(names.toSorted()).toEqual([
    'apache/kafka',
    'busybox',
    'grafana/grafana',
    'grafana/loki',
    'grafana/tempo',
    'haproxy',
    'nginx',
    'node',
    'otel/opentelemetry-collector-contrib',
    'prom/prometheus',
    'redis',
  ])
})

requireServers('otelcol')('the Collector says the version of its image', async () => {
  const { said } = await runToEnd(findServer('otelcol')!, ['--version'])
  expect(said.trim()).toBe(`otelcol version ${stackVersion('otel/opentelemetry-collector-contrib')}`)
})

requireServers('kafka')('the broker of the tests is of the version of its image', () => {
  const jars = readdirSync(findServer('kafka')!).filter((name) => name.startsWith('kafka-server-'))
  expect(jars).toContain(`kafka-server-${stackVersion('apache/kafka')}.jar`)
})

// Loki and Tempo are built without a version in them: `--version` prints none.
test('what is built for the tests is built from the versions of the images', () => {
  const collector = stackVersion('otel/opentelemetry-collector-contrib')
  expect(repositoryFile('.ci', 'servers', 'otelcol', 'manifest.yaml')).toContain(`version: ${collector}\n`)
  expect(repositoryFile('.ci', 'servers', 'loki', 'go.mod')).toContain(`loki/v3 v${stackVersion('grafana/loki')} `)
  const kafka = `<version>${stackVersion('apache/kafka')}</version>`
  expect(repositoryFile('.ci', 'servers', 'kafka', 'pom.xml')).toContain(kafka)
})

test('the heads of the configuration files name the versions that they were run with', () => {
  expect(repositoryFile('collector', 'loki.yaml')).toMatch(`# Loki ${stackVersion('grafana/loki')},`)
  expect(repositoryFile('collector', 'tempo.yaml')).toMatch(`# Tempo ${stackVersion('grafana/tempo')},`)
  const contrib = `Collector contrib ${stackVersion('otel/opentelemetry-collector-contrib')}.`
  for (const role of ['standalone', 'gateway', 'agent'])
    expect(repositoryFile('collector', `${role}.yaml`)).toContain(contrib)
})

test('the shop of compose.lb.yaml runs on the Node and the packages that the demo is tested with', () => {
  const { devDependencies, dependencies } = JSON.parse(repositoryFile('package.json')) as {
    readonly devDependencies: Readonly<Record<string, string>>
    readonly dependencies: Readonly<Record<string, string>>
  }
  expect(stackVersion('node')).toBe(`${devDependencies['node']}-slim`)
  const installed = repositoryFile('compose.lb.yaml').matchAll(/^ +- '?(@?[a-z/]+)@(\d[^'\s]*)'?$/gm)
  const packages = Object.fromEntries([...installed].map(([, name, version]) => [name!, version]))
  expect(Object.keys(packages)).toEqual(['express', 'winston', 'redis', '@opentelemetry/api'])
  expect({ ...devDependencies, ...dependencies }).toMatchObject(packages)
})
