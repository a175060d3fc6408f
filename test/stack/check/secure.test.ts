/**
 * `tracelog stack check` where a token, TLS and tenants are asked for: a Collector with secure-standalone.yaml, a Loki with
 * tenants. And a Loki that is still starting.
 */
import { execFileSync, spawnSync } from 'node:child_process'
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterAll, beforeAll, describe, expect, onTestFinished } from 'vitest'

import { fakeDocker } from '../../cli/stack/fake-docker.ts'
import { runCli } from '../../cli/run-cli.ts'
import { requireThat } from '../../support/require.ts'
import { startLoki, type Loki } from '../../support/servers/loki.ts'
import { startOtelcol, type Otelcol } from '../../support/servers/otelcol.ts'
import { findServer } from '../../support/servers/program.ts'
import { startTempo, type Tempo } from '../../support/servers/tempo.ts'
import { stackCheck } from './stack-check.ts'

const NEEDED = ['otelcol', 'loki', 'tempo'] as const
const missing = [
  ...NEEDED.filter((name) => findServer(name) === undefined),
  ...(spawnSync('openssl', ['version']).status === 0 ? [] : ['openssl']),
]
const withServers = requireThat(missing.length === 0, `needs ${missing.join(' and ')}`)
const folder = mkdtempSync(join(tmpdir(), 'tracelog-secure-check-'))
const [key, cert, tokenFile] = ['key.pem', 'cert.pem', 'token'].map((name) => join(folder, name)) as [
  string,
  string,
  string,
]
const TRUST = { OTEL_EXPORTER_OTLP_CERTIFICATE: cert }
const TOKEN = { OTEL_EXPORTER_OTLP_HEADERS: 'authorization=Bearer%20open-sesame' }
let loki: Loki
let tempo: Tempo
let collector: Otelcol

beforeAll(async () => {
  if (missing.length > 0) return
  const subject = ['-subj', '/CN=gateway', '-addext', 'subjectAltName=IP:127.0.0.1', '-days', '1', '-nodes']
  const files = ['-newkey', 'rsa:2048', '-keyout', key, '-out', cert]
  execFileSync('openssl', ['req', '-x509', ...files, ...subject], { stdio: 'ignore' })
  writeFileSync(tokenFile, 'open-sesame\n')
  ;[loki, tempo] = await Promise.all([
    startLoki(join(folder, 'loki'), { LOKI_AUTH: 'true' }),
    startTempo(join(folder, 'tempo'), { TEMPO_AUTH: 'true' }),
  ])
  collector = await startOtelcol({
    configs: ['standalone.yaml', 'secure-standalone.yaml'],
    folder: join(folder, 'otelcol'),
    env: {
      TRACELOG_LOKI: loki.otlpUrl,
      TRACELOG_TEMPO: tempo.otlpUrl,
      TRACELOG_TLS_CERT: cert,
      TRACELOG_TLS_KEY: key,
      TRACELOG_TOKEN_FILE: tokenFile,
      TRACELOG_TENANT: 'acme',
    },
  })
})
afterAll(async () => {
  await Promise.all([collector?.kill(), loki?.kill(), tempo?.kill()])
  rmSync(folder, { recursive: true, force: true })
})

function flags(others: Readonly<Record<string, string>> = {}): Record<string, string> {
  return {
    otlp: collector.httpUrl.replace('http:', 'https:'),
    loki: loki.url,
    tempo: tempo.url,
    metrics: collector.metricsUrl,
    tenant: 'acme',
    ...others,
  }
}

withServers('with the authority, the token and the tenant both arrive, and TLS has its time', async () => {
  const run = await stackCheck(flags(), { ...TRUST, ...TOKEN })
  expect(run).toMatchObject({ code: 0, ok: true })
  expect(run.texts['otlp logs']).toMatch(/connected after \d+ ms, TLS after \d+ ms, answered after \d+ ms/)
})

withServers('stack up --with secure checks with the token and the certificate that compose is given', async () => {
  const project = mkdtempSync(join(folder, 'project-'))
  mkdirSync(join(project, 'collector'))
  for (const name of ['docker-compose.yml', 'compose.secure.yaml']) writeFileSync(join(project, name), 'services: {}\n')
  mkdirSync(join(project, 'secrets'))
  copyFileSync(cert, join(project, 'secrets', 'tls.crt'))
  copyFileSync(tokenFile, join(project, 'secrets', 'token'))
  const port = new URL(collector.httpUrl).port
  const readers = [`--loki=${loki.url}`, `--tempo=${tempo.url}`, '--tenant=acme']
  const ran = await runCli(['stack', 'up', '--with=secure', ...readers], {
    env: { ...fakeDocker(mkdtempSync(join(folder, 'docker-'))).env, TRACELOG_PORT_OTLP_HTTP: port },
    cwd: project,
  })
  expect(ran).toMatchObject({ code: 0, err: '' })
  expect(ran.out).toContain(`https://127.0.0.1:${port}/v1/logs took it`)
})

describe('the OTLP endpoint', () => {
  withServers.each([
    { what: 'no token', headers: {} },
    { what: 'a wrong token', headers: { OTEL_EXPORTER_OTLP_HEADERS: 'authorization=Bearer%20guess' } },
  ])('refuses $what: 401', async ({ headers }) => {
    const run = await stackCheck(flags(), { ...TRUST, ...headers })
    expect(run).toMatchObject({
      code: 1,
      statuses: { 'otlp logs': 'fail', 'otlp traces': 'fail', 'loki record': 'note' },
    })
    expect(run.texts['otlp logs']).toMatch(
      /answers 401.* \| The token is missing or wrong: set OTEL_EXPORTER_OTLP_HEADERS/,
    )
  })

  withServers('has a certificate that nobody known here signed', async () => {
    const run = await stackCheck(flags(), TOKEN)
    expect(run.texts['otlp logs']).toMatch(
      /not signed by an authority known here .* \| Set OTEL_EXPORTER_OTLP_CERTIFICATE/,
    )
  })

  withServers('has a certificate for another name', async () => {
    const run = await stackCheck(flags({ otlp: flags()['otlp']!.replace('127.0.0.1', 'localhost') }), {
      ...TRUST,
      ...TOKEN,
    })
    expect(run.texts['otlp logs']).toMatch(/is for another name/)
  })

  withServers('wants TLS', async () => {
    const run = await stackCheck(flags({ otlp: collector.httpUrl }), TOKEN)
    expect(run.texts['otlp logs']).toMatch(/wants TLS \| Write https:\/\//)
  })
})

describe('tenants', () => {
  withServers('none was named: Loki and Tempo say so at once', async () => {
    const { tenant: _, ...others } = flags()
    const run = await stackCheck(others, { ...TRUST, ...TOKEN })
    expect(run).toMatchObject({ code: 1, statuses: { 'loki record': 'fail', 'tempo span': 'fail' } })
    expect(run.texts['tempo span']).toMatch(/Tempo is divided into tenants, and no tenant was named/)
    expect(run.texts['loki record']).toMatch(/divided into tenants, and no tenant was named \| .*--tenant NAME/)
  })

  withServers("another one's: the tenant that got the record is named", async () => {
    const run = await stackCheck(flags({ tenant: 'other', wait: '5' }), { ...TRUST, ...TOKEN })
    expect(run).toMatchObject({ code: 1, statuses: { 'loki record': 'fail', 'tempo span': 'fail' } })
    expect(run.texts['tempo span']).toMatch(/Tempo got spans meanwhile, but for the tenant "acme"/)
    expect(run.texts['loki record']).toMatch(/for the tenant "acme", and "other" was asked for \| Name the tenant/)
  })
})

withServers('a Loki that still starts: told when the wait is short, waited for when it is not', async () => {
  const starting = await startLoki(join(folder, 'starting'), {}, { untilStatus: 503 })
  onTestFinished(() => starting.kill())
  const plain = await startOtelcol({
    configs: ['standalone.yaml'],
    folder: join(folder, 'plain'),
    env: { TRACELOG_LOKI: starting.otlpUrl, TRACELOG_TEMPO: tempo.otlpUrl },
  })
  onTestFinished(() => plain.kill())
  const there = {
    otlp: plain.httpUrl,
    loki: starting.url,
    tempo: tempo.url,
    metrics: plain.metricsUrl,
    tenant: 'tracelog',
  }
  const short = await stackCheck({ ...there, wait: '1' })
  expect(short).toMatchObject({ code: 1, statuses: { 'loki ready': 'fail', 'loki record': 'note' } })
  expect(short.texts['loki ready']).toMatch(/is not ready after [\d.]+ m?s: .*not ready.* \| Loki needs about 10 s/)
  expect(await stackCheck({ ...there, wait: '60' })).toMatchObject({ code: 0, ok: true })
})
