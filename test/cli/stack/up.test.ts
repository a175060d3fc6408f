/** `tracelog stack up` and `down`: how docker is called, and what is said when it cannot be. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterEach, beforeEach, expect, test } from 'vitest'

import { freePort, freePorts } from '../../support/servers/free-port.ts'
import { readEnvFile } from '../../../src/cli/stack/env-file.ts'
import { runCli, type Ran } from '../run-cli.ts'
import { fakeDocker, type FakeDocker } from './fake-docker.ts'

let folder = ''
let project = ''
let docker: FakeDocker
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tracelog-up-'))
  project = join(folder, 'shop')
  mkdirSync(join(project, 'collector'), { recursive: true })
  for (const name of ['docker-compose.yml', 'compose.kafka.yaml', 'compose.metrics.yaml']) {
    writeFileSync(join(project, name), 'services: {}\n')
  }
  docker = fakeDocker(folder)
})
afterEach(() => rmSync(folder, { recursive: true }))

/** Nothing listens: the check at the end fails within its second. */
async function up(...argv: readonly string[]): Promise<Ran> {
  const dead = `http://127.0.0.1:${await freePort()}`
  const check = ['otlp', 'loki', 'tempo', 'metrics'].map((name) => `--${name}=${dead}`)
  return await runCli(['stack', 'up', '--wait=1', ...check, ...argv], { env: docker.env, cwd: project })
}

function down(...argv: readonly string[]): Promise<Ran> {
  return runCli(['stack', 'down', ...argv], { env: docker.env, cwd: project })
}

test('up starts docker compose with the files in order, then checks', async () => {
  const ran = await up('--with', 'metrics, kafka')
  expect(docker.calls()).toEqual([
    `${project}: compose -f docker-compose.yml -f compose.metrics.yaml -f compose.kafka.yaml up -d --remove-orphans`,
  ])
  expect(ran.code).toBe(1)
  expect(ran.out).toMatch(/FAIL {2}otlp logs +nothing listens at/)
})

test('the check asks the ports of .env, not where the environment sends applications', async () => {
  const [otlp, loki, tempo] = await freePorts(3)
  writeFileSync(
    join(project, '.env'),
    `TRACELOG_PORT_OTLP_HTTP=${otlp}\nTRACELOG_PORT_LOKI=${loki}\nTRACELOG_PORT_TEMPO="1"\n`,
  )
  const env = { ...docker.env, OTEL_EXPORTER_OTLP_ENDPOINT: 'http://vendor.invalid', TRACELOG_PORT_TEMPO: `${tempo}` }
  for (const command of ['up', 'check']) {
    const ran = await runCli(['stack', command, '--wait=1'], { env, cwd: project })
    const asked = command === 'up' ? `127.0.0.1:${otlp}` : 'vendor.invalid'
    for (const host of [asked, `127.0.0.1:${loki}`, `127.0.0.1:${tempo}`]) expect(ran.out).toContain(host)
  }
})

test('.env is written when there is none, closed to others, and remembers the files for plain docker compose', async () => {
  await up('--with=kafka')
  expect(statSync(join(project, '.env')).mode & 0o777).toBe(0o600)
  const first = readEnvFile(project)
  expect(first.get('COMPOSE_FILE')).toBe('docker-compose.yml:compose.kafka.yaml')
  await up()
  expect(readEnvFile(project)).toEqual(new Map([...first, ['COMPOSE_FILE', 'docker-compose.yml']]))
})

test('--dir is where docker compose runs', async () => {
  const ran = await runCli(['stack', 'down', '--dir', 'shop'], { env: docker.env, cwd: folder })
  expect(ran.code).toBe(0)
  expect(docker.calls()).toEqual([`${project}: compose -f docker-compose.yml down --remove-orphans`])
})

test.each([
  { argv: [], ends: 'down --remove-orphans' },
  { argv: ['--volumes'], ends: 'down --remove-orphans --volumes' },
])('down $argv means what up started', async ({ argv, ends }) => {
  writeFileSync(join(project, '.env'), 'COMPOSE_FILE=docker-compose.yml:compose.kafka.yaml\n')
  expect(await down(...argv)).toMatchObject({ code: 0, out: '', err: '' })
  expect(docker.calls()).toEqual([`${project}: compose -f docker-compose.yml -f compose.kafka.yaml ${ends}`])
})

test('what fails in docker compose ends with 1, without a check', async () => {
  docker = fakeDocker(folder, 'case "$*" in *version) ;; *) exit 17;; esac')
  expect(await up()).toMatchObject({ code: 1, out: '' })
  expect(await down()).toMatchObject({ code: 1, out: '' })
})

test('an overlay that is not there is refused before anything happens', async () => {
  const ran = await up('--with=kafka,loki')
  expect(ran).toMatchObject({ code: 2, out: '' })
  expect(ran.err).toContain('--with names "loki", but must be of kafka, metrics')
  expect(docker.calls()).toEqual([])
})

test.each(['docker-compose.yml', 'collector'])('without %s it points at init', async (missing) => {
  rmSync(join(project, missing), { recursive: true })
  for (const ran of [await up(), await down()]) {
    expect(ran.code).toBe(2)
    expect(ran.err).toContain(`holds no ${missing}, but must\n`)
    expect(ran.err).toContain('`tracelog stack init`')
  }
  expect(docker.calls()).toEqual([])
})

test.each([
  { what: 'docker', script: undefined, err: /docker is not on the PATH.*\n.*Install Docker Engine/ },
  { what: 'its compose plugin', script: 'exit 1', err: /knows no "compose"\n.*docker-compose-plugin/ },
])('without $what it says what to install', async ({ script, err }) => {
  const bare = join(folder, 'bare')
  mkdirSync(bare)
  docker = script === undefined ? { env: { PATH: bare }, calls: () => [] } : fakeDocker(bare, script)
  const ran = await up()
  expect([ran.code, ran.out]).toEqual([1, ''])
  expect(ran.err).toMatch(err)
  expect(readFileSync(join(project, '.env'), 'utf8')).toContain('GRAFANA_ADMIN_PASSWORD=')
})

test('down --json says what became of the data', async () => {
  expect(JSON.parse((await down('--json')).out)).toEqual({ ok: true, folder: project, data_removed: false })
  expect(JSON.parse((await down('--json', '--volumes')).out)).toMatchObject({ ok: true, data_removed: true })
})
