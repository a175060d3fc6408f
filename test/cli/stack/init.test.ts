/** `tracelog stack init`: what is written where, and what is never overwritten. */
import {
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterEach, beforeEach, expect, test } from 'vitest'

import { packageRoot } from '../../../src/cli/package-info.ts'
import { readEnvFile } from '../../../src/cli/stack/env-file.ts'
import { listStackFiles } from '../../../src/cli/stack/stack-files.ts'
import { runCli, type Ran } from '../run-cli.ts'

let project = ''
beforeEach(() => {
  project = mkdtempSync(join(tmpdir(), 'tracelog-init-'))
})
afterEach(() => rmSync(project, { recursive: true }))

const FILES = listStackFiles(packageRoot())
const LOKI = 'collector/loki.yaml'

function init(...argv: readonly string[]): Promise<Ran> {
  return runCli(['stack', 'init', ...argv], { cwd: project })
}

function bytesOf(folder: string): readonly Buffer[] {
  return FILES.map((name) => readFileSync(join(folder, name)))
}

test('writes every file as it is in the package, and .env for its owner alone', async () => {
  const ran = await init()
  expect(ran).toMatchObject({ code: 0, err: '' })
  expect(FILES).toContain(LOKI)
  expect(bytesOf(project)).toEqual(bytesOf(packageRoot()))
  expect(statSync(join(project, '.env')).mode & 0o777).toBe(0o600)
  expect(ran.out).toContain(`Files written: ${FILES.length}; there already: 0.`)
  expect(ran.out).toMatch(/Next:\n {2}npx tracelog stack up /)
  expect(ran.out).toContain('Put .env into .gitignore.')
})

test('says where Grafana will be, also on another port', async () => {
  const ran = await runCli(['stack', 'init'], { env: { TRACELOG_PORT_GRAFANA: '3999' }, cwd: project })
  expect(ran.out).toContain('http://127.0.0.1:3999')
})

test('holds every file and folder that a compose file mounts', () => {
  const mounted = FILES.filter((name) => !name.includes('/')).flatMap((name) => [
    ...readFileSync(join(packageRoot(), name), 'utf8').matchAll(/^\s*- \.\/([^:\s]+):/gm),
  ])
  const names = mounted.map(([, name]) => name!)
  expect(names).toContain('collector/loki.yaml')
  expect(names.filter((name) => !FILES.some((file) => file === name || file.startsWith(`${name}/`)))).toEqual([])
})

test('what .env sets is what docker-compose.yml reads', async () => {
  await init()
  const compose = readFileSync(join(packageRoot(), 'docker-compose.yml'), 'utf8')
  for (const name of readEnvFile(project).keys()) expect(compose).toContain(`\${${name}:-`)
})

test('a second run changes nothing, the password included', async () => {
  await init()
  const before = readFileSync(join(project, '.env'), 'utf8')
  const ran = await init()
  expect(ran.out).toContain(`Files written: 0; there already: ${FILES.length}.`)
  expect(readFileSync(join(project, '.env'), 'utf8')).toBe(before)
})

test('every project gets its own password, long enough', async () => {
  await init()
  await init('--dir', 'other')
  const [one, other] = [project, join(project, 'other')].map(
    (folder) => readEnvFile(folder).get('GRAFANA_ADMIN_PASSWORD') ?? '',
  )
  expect(one).toMatch(/^[\w-]{24}$/)
  expect(other).toMatch(/^[\w-]{24}$/)
  expect(one).not.toBe(other)
})

test('where a file differs nothing is written, and the file is named; --force writes', async () => {
  await init()
  writeFileSync(join(project, LOKI), 'mine')
  rmSync(join(project, 'collector/tempo.yaml'))
  const refused = await init()
  expect([refused.code, refused.out]).toEqual([1, ''])
  expect(refused.err).toMatch(/1 files here differ .* nothing was written:\n {2}collector\/loki\.yaml\n/)
  expect(readFileSync(join(project, LOKI), 'utf8')).toBe('mine')
  expect(await init('--force')).toMatchObject({ code: 0 })
  expect(bytesOf(project)).toEqual(bytesOf(packageRoot()))
})

test("a .env of the user's own keeps its lines, and is closed to others", async () => {
  const file = join(project, '.env')
  writeFileSync(file, 'DATABASE_URL="postgres://db#1"\nexport NAME = shop # the live one\n', { mode: 0o644 })
  writeFileSync(join(project, '.gitignore'), 'node_modules\n.env\n')
  const ran = await init()
  expect(readFileSync(file, 'utf8')).toMatch(
    /^DATABASE_URL="postgres:\/\/db#1"\nexport NAME = shop # the live one\nGRAFANA_ADMIN_PASSWORD=/,
  )
  expect([...readEnvFile(project).entries()].slice(0, 2)).toEqual([
    ['DATABASE_URL', 'postgres://db#1'],
    ['NAME', 'shop'],
  ])
  expect(statSync(file).mode & 0o777).toBe(0o600)
  expect(ran.out).not.toContain('.gitignore')
})

test('a .env that is a link stays one, and nothing is left beside it', async () => {
  const real = join(project, 'real.env')
  writeFileSync(real, 'A=1\n', { mode: 0o644 })
  symlinkSync(real, join(project, '.env'))
  await init()
  expect(lstatSync(join(project, '.env')).isSymbolicLink()).toBe(true)
  expect(readFileSync(real, 'utf8')).toMatch(/^A=1\nGRAFANA_ADMIN_PASSWORD=/)
  expect(statSync(real).mode & 0o777).toBe(0o600)
  expect(readdirSync(project).filter((name) => name.endsWith('.new'))).toEqual([])
})

test('a place that cannot be written to is named', async () => {
  writeFileSync(join(project, 'file'), '')
  expect(await init('--dir', 'file')).toMatchObject({
    code: 2,
    err: expect.stringContaining(
      `${join(project, 'file')} cannot be written to (EEXIST), but must be a folder`,
    ) as string,
  })
  await init()
  rmSync(join(project, '.env'))
  mkdirSync(join(project, '.env'))
  expect(await runCli(['stack', 'check'], { cwd: project })).toMatchObject({
    code: 2,
    err: expect.stringContaining(`${join(project, '.env')} cannot be read (EISDIR), but must be a file`) as string,
  })
  rmSync(join(project, LOKI))
  mkdirSync(join(project, LOKI))
  expect(await init()).toMatchObject({ code: 2, err: expect.stringContaining('(EISDIR)') as string })
})

test('--json says what was written, and what differs', async () => {
  expect(JSON.parse((await init('--json')).out)).toEqual({
    ok: true,
    folder: project,
    written: [...FILES],
    different: [],
    new_password: true,
    grafana: 'http://127.0.0.1:3000',
  })
  writeFileSync(join(project, LOKI), 'mine')
  const refused = await init('--json')
  expect(refused).toMatchObject({ code: 1, err: '' })
  expect(JSON.parse(refused.out)).toEqual({ ok: false, folder: project, written: [], different: [LOKI] })
})
