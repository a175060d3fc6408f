/** The compose files, compared with the repository and with what the tests start; Docker cannot run here. */
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { expect, onTestFinished, test } from 'vitest'

import {
  readCollectorFile,
  readConfig,
  variablesListed,
  variablesRead,
  type Variables,
} from '../../support/collector-config.ts'
import {
  COMPOSE_FILE,
  COMPOSE_FILES,
  composeWith,
  configFilesOf,
  mountsOf,
  OVERLAYS,
  overlayCombinations,
  readComposeText,
  ROOT,
  type Service,
} from '../../support/compose.ts'
import { requireThat } from '../../support/require.ts'
import { FEATURE_GATES } from '../../support/servers/otelcol.ts'
import { lokiArguments } from '../../support/servers/loki.ts'
import { tempoArguments } from '../../support/servers/tempo.ts'

const combinations = overlayCombinations().map((overlays) => ({ name: overlays.join(' + ') || 'none', overlays }))
const all = composeWith(OVERLAYS)

function servicesOf(overlays: readonly string[]): readonly [string, Service][] {
  return Object.entries(composeWith(overlays).services)
}

test('the overlays are these', () => expect(OVERLAYS).toEqual(['kafka', 'lb', 'metrics', 'secure']))

test.each(combinations)('overlays $name: nothing may more than it needs', ({ overlays }) => {
  const services = servicesOf(overlays)
  for (const [name, service] of services) {
    expect(service, name).toMatchObject({ read_only: true, cap_drop: ['ALL'] })
    expect(service.security_opt, name).toEqual(['no-new-privileges:true'])
  }
  for (const [name, service] of services.filter(([each]) => each !== 'init')) {
    expect(service.user, name).toMatch(/^[1-9]\d*:\d+$/)
    expect(service.cap_add, name).toBeUndefined()
  }
})

test.each(combinations)('overlays $name: ports are on loopback, and no two are the same', ({ overlays }) => {
  const ports = servicesOf(overlays).flatMap(([, service]) => service.ports ?? [])
  const published = ports.map((port) => port.replaceAll(/\$\{\w+:-([^}]*)\}/g, '$1'))
  for (const port of published) expect(port).toMatch(/^127\.0\.0\.1:\d+:\d+$/)
  const onHost = published.map((port) => port.split(':')[1])
  expect(onHost).toEqual([...new Set(onHost)])
  expect(onHost).toEqual(expect.arrayContaining(['4317', '4318', '13133', '3100', '3200', '3000']))
})

test.each(combinations)(
  'overlays $name: each mount is there, files of the repository are read only',
  ({ overlays }) => {
    const { services, volumes = {} } = composeWith(overlays)
    const mounts = Object.values(services).flatMap(mountsOf)
    const files = mounts.filter(({ source }) => source.startsWith('./'))
    expect(files.filter(({ source, isReadOnly }) => !isReadOnly || !existsSync(join(ROOT, source)))).toEqual([])
    const named = mounts.filter(({ source }) => /^[a-z]/.test(source)).map(({ source }) => source)
    expect(Object.keys(volumes).toSorted()).toEqual([...new Set(named)].toSorted())
  },
)

test('nothing waits for a server to be ready: only for volumes, packages and names', () => {
  const waits = Object.entries(all.services).flatMap(([name, { depends_on: others = {} }]) =>
    Object.entries(others).map(([other, { condition }]) => `${name}: ${other} ${condition}`),
  )
  const once = /: (?:init|modules) service_completed_successfully$/
  expect(waits.filter((wait) => !once.test(wait))).toEqual(['haproxy: collector service_started'])
})

test('init may change owners, once, and reach nothing', () => {
  expect(all.services['init']).toMatchObject({
    user: '0:0',
    restart: 'no',
    network_mode: 'none',
    cap_drop: ['ALL'],
    cap_add: ['CHOWN'],
  })
})

test('init names each volume that a server writes, under the number of its user', () => {
  const writers = Object.entries(all.services)
    .filter(([name]) => name !== 'init')
    .flatMap(([, service]) => mountsOf(service).map((mount) => ({ ...mount, user: service.user!.split(':')[0] })))
    .filter(({ source, isReadOnly }) => /^[a-z]/.test(source) && !isReadOnly)
    .map(({ source, user }) => `${source}:/volumes/${user}/${source}`)
  expect([...new Set(writers)].toSorted()).toEqual(all.services['init']!.volumes!.toSorted())
})

requireThat(process.getuid?.() === 0, 'needs root, which alone may give a file away')(
  'init gives each volume, and nothing in it, to its user',
  () => {
    const volumes = mkdtempSync(join(tmpdir(), 'tracelog-volumes-'))
    onTestFinished(() => rmSync(volumes, { recursive: true, force: true }))
    mkdirSync(join(volumes, '10001', 'loki', 'wal'), { recursive: true })
    mkdirSync(join(volumes, '472', 'grafana'), { recursive: true })
    const [shell, ...args] = all.services['init']!.command!.map((text) =>
      text.replaceAll('$$', '$').replaceAll('/volumes', volumes),
    )
    execFileSync(shell!, args)
    const owner = (...path: string[]): number => statSync(join(volumes, ...path)).uid
    expect([owner('10001', 'loki'), owner('472', 'grafana'), owner('10001', 'loki', 'wal')]).toEqual([10_001, 472, 0])
  },
)

/** What the files of collector/ that a service mounts read. */
function variablesOf(service: Service): Variables {
  const files = mountsOf(service).filter(({ source }) => source.startsWith('./collector/'))
  return Object.assign({}, ...files.map(({ source }) => variablesRead(readCollectorFile(source.slice(12)))))
}

test.each(['collector', 'agent', 'loki', 'tempo'])(
  '%s: the variables it is given are ones that its files read',
  (name) => {
    const service = all.services[name]!
    const given = Object.keys(service.environment!).filter((key) => key !== 'OTEL_RESOURCE_ATTRIBUTES')
    expect(Object.keys(variablesOf(service))).toEqual(expect.arrayContaining(given))
  },
)

test.each(['collector', 'agent', 'loki', 'tempo'])(
  '%s: listens for others, whatever its files do without a variable',
  (name) => {
    const service = all.services[name]!
    const listening = Object.keys(variablesOf(service)).filter((key) =>
      /_(?:ADDR|OTLP_GRPC|OTLP_HTTP|HEALTH|METRICS_HOST|PROM|LISTEN)$/.test(key),
    )
    expect(listening).not.toEqual([])
    for (const key of listening) expect(service.environment![key], key).toMatch(/^0\.0\.0\.0/)
  },
)

test('Grafana is given the addresses and the tenant that its data sources ask for', () => {
  const texts = ['provisioning', 'provisioning-metrics'].map((folder) =>
    readFileSync(join(ROOT, 'grafana', folder, 'datasources', 'tracelog.yaml'), 'utf8'),
  )
  const asked = texts.map((text) => [...new Set([...text.matchAll(/\$\{(TRACELOG_\w+)\}/g)].map(([, name]) => name!))])
  const given = [[], ['metrics']].map((overlays) =>
    Object.keys(composeWith(overlays).services['grafana']!.environment!).filter((key) => key.startsWith('TRACELOG_')),
  )
  expect(given.map((names) => names.toSorted())).toEqual(asked.map((names) => names.toSorted()))
})

test('the Collector, Loki and Tempo are started as the tests start them', () => {
  const { collector, agent, loki, tempo } = all.services
  expect([collector!.command![0], agent!.command![0]]).toEqual([FEATURE_GATES, FEATURE_GATES])
  expect(loki!.command).toEqual(lokiArguments('/etc/tracelog/loki.yaml'))
  expect(tempo!.command).toEqual(tempoArguments('/etc/tracelog/tempo.yaml'))
})

test('an overlay puts its file in the place that the base keeps for it', () => {
  const empty = configFilesOf(composeWith([]).services['collector']!)
  expect(empty.filter((file) => file === 'collector/none.yaml')).toHaveLength(7)
  expect(configFilesOf(all.services['collector']!)).toEqual([
    'collector/standalone.yaml',
    'collector/selflogs.yaml',
    'collector/metrics.yaml',
    'collector/kafka-gateway.yaml',
    'collector/receivers/nginx.yaml',
    'collector/receivers/nginx-spans.yaml',
    'collector/receivers/haproxy.yaml',
    'collector/lb-spans.yaml',
    'collector/secure-standalone.yaml',
  ])
})

test('with Kafka, applications find the agent where the Collector was: the same ports, the same name', () => {
  const { collector, agent } = composeWith(['kafka']).services
  expect(agent!.ports).toEqual(composeWith([]).services['collector']!.ports!.slice(0, 2))
  expect(agent!.networks?.['default']?.aliases).toEqual(['otlp'])
  expect(collector!.networks?.['default']?.aliases).toBeUndefined()
  const largest = readConfig('kafka-agent.yaml').exporters['kafka']!['producer'] as { max_message_bytes: number }
  expect(all.services['kafka']!.environment!['KAFKA_MESSAGE_MAX_BYTES']).toBeGreaterThan(largest.max_message_bytes)
})

test('Grafana: a Viewer without a login, never an anonymous Admin, nothing sent home', () => {
  const { environment } = composeWith([]).services['grafana']!
  expect(environment).toMatchObject({
    GF_AUTH_ANONYMOUS_ENABLED: 'true',
    GF_AUTH_ANONYMOUS_ORG_ROLE: 'Viewer',
    GF_AUTH_DISABLE_LOGIN_FORM: '${GRAFANA_DISABLE_LOGIN_FORM:-true}',
    GF_SECURITY_DISABLE_INITIAL_ADMIN_CREATION: '${GRAFANA_DISABLE_LOGIN_FORM:-true}',
    GF_ANALYTICS_REPORTING_ENABLED: 'false',
    GF_ANALYTICS_CHECK_FOR_UPDATES: 'false',
    GF_PLUGINS_PREINSTALL_DISABLED: 'true',
  })
  expect(all.services['grafana']!.environment).toMatchObject({
    GF_AUTH_ANONYMOUS_ENABLED: 'false',
    GF_AUTH_DISABLE_LOGIN_FORM: 'false',
  })
})

test.each(COMPOSE_FILES)('%s: its head lists the variables that it reads, with their defaults', (file) => {
  const text = readComposeText(file)
  const listed = { ...variablesListed(readComposeText(COMPOSE_FILE)), ...variablesListed(text) }
  const read = variablesRead(text)
  expect(listed).toMatchObject(read)
  expect(read).toMatchObject(variablesListed(text))
})
