/**
 * `tracelog dev` where no DuckDB is: as a process, from a copy of the package that has no packages beside it.
 */
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'

import { DUCKDB, duckdbFolder } from '../../../src/cli/duckdb/fetch-duckdb.ts'
import { dependencyVersion } from '../../../src/cli/package-info.ts'
import { requireThat } from '../../support/require.ts'
import { createFakeNpm, type FakeNpm, type Outcome } from './fake-npm.ts'

const ROOT = fileURLToPath(new URL('../../..', import.meta.url))
const VERSION = dependencyVersion(DUCKDB)
const INSTALL_LINE = `npm i -D ${DUCKDB}@${VERSION}`

let packageCopy: string
let root: string
let folder: string
beforeAll(() => {
  packageCopy = mkdtempSync(join(tmpdir(), 'tracelog-copy-'))
  for (const name of ['dist', 'package.json']) cpSync(join(ROOT, name), join(packageCopy, name), { recursive: true })
})
afterAll(() => rmSync(packageCopy, { recursive: true, force: true }))
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'tracelog-fresh-'))
  folder = duckdbFolder(join(root, 'cache', 'tracelog'), VERSION)
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

interface Ended {
  readonly code: number | null
  readonly out: string
  readonly err: string
}

/** Starts it, tells it to end when it is ready, and waits for the end. */
async function dev(args: readonly string[], { npm, data = 'data' }: { npm?: FakeNpm; data?: string }): Promise<Ended> {
  const ports = ['--otlp-http', '0', '--otlp-grpc', '0', '--api', '0']
  const inherited = Object.entries(process.env).filter(
    ([name]) => !/^(?:OTEL_|TRACELOG_|NODE_OPTIONS|npm_|VITEST)/.test(name),
  )
  const env = {
    ...Object.fromEntries(inherited),
    XDG_CACHE_HOME: join(root, 'cache'),
    ...(npm === undefined ? {} : { npm_execpath: npm.path }),
  }
  const child = spawn(
    process.execPath,
    [join(packageCopy, 'dist', 'cli.js'), 'dev', '--json', '--data', join(root, data), ...ports, ...args],
    { cwd: root, env, stdio: ['ignore', 'pipe', 'pipe'] },
  )
  let [out, err] = ['', '']
  child.stdout.on('data', (chunk) => {
    out += String(chunk)
    child.kill('SIGTERM')
  })
  child.stderr.on('data', (chunk) => (err += String(chunk)))
  const [code] = (await once(child, 'close')) as [number | null]
  return { code, out, err }
}

const fake = (outcome: Outcome): FakeNpm => createFakeNpm(join(root, 'npm'), outcome)
const isReady = ({ code, out }: Ended): boolean => code === 0 && out.startsWith('{"ready":true')

describe('tracelog dev without DuckDB', () => {
  test('asks nothing without a terminal, and prints the line that installs it', async () => {
    const npm = fake('links')
    const ended = await dev([], { npm })
    expect([ended.code, ended.out, npm.calls()]).toEqual([1, '', []])
    expect(ended.err).toContain(INSTALL_LINE)
    expect(ended.err).toContain('--yes')
  })

  test('fetches it with --yes, once, and finds it from then on without', async () => {
    const npm = fake('links')
    const first = await dev(['--yes'], { npm })
    expect(isReady(first), first.err).toBe(true)
    expect(first.err).toMatch(/^tracelog dev: fetching .*\ntracelog dev: fetched in .* s\n$/)
    const second = await dev([], { npm, data: 'other' })
    expect([isReady(second), second.err]).toEqual([true, ''])
    expect(npm.calls()).toHaveLength(1)
  })

  test('mends a cache that is damaged', async () => {
    const npm = fake('links')
    await dev(['--yes'], { npm })
    rmSync(join(folder, 'node_modules', '@duckdb'))
    expect(isReady(await dev(['--yes'], { npm }))).toBe(true)
    expect(readdirSync(join(folder, '..'))).toHaveLength(1)
  })

  test('starts twice at once', async () => {
    const npm = fake('links')
    const both = await Promise.all(['a', 'b'].map((data) => dev(['--yes'], { npm, data })))
    expect(both.map(isReady), both.map(({ err }) => err).join('')).toEqual([true, true])
  })

  test('where npm cannot fetch it says why, and prints the line that installs it', async () => {
    const ended = await dev(['--yes'], { npm: fake('fails') })
    expect([ended.code, ended.out, existsSync(folder)]).toEqual([1, '', false])
    expect(ended.err).toContain('fetching it failed: network request failed')
    expect(ended.err).toContain(INSTALL_LINE)
  })
})

const registry = spawnSync('npm', ['view', `${DUCKDB}@${VERSION}`, 'version', '--fetch-retries=0'], {
  timeout: 20_000,
  encoding: 'utf8',
})
requireThat(
  registry.status === 0 && registry.stdout.trim() === VERSION,
  `needs a registry of npm that has ${DUCKDB}; to get it: npm config set registry URL`,
)(
  'tracelog dev --yes fetches DuckDB from the registry',
  async () => {
    const ended = await dev(['--yes'], {})
    expect(isReady(ended), ended.err).toBe(true)
  },
  180_000,
)
