import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

import { afterEach, beforeEach, describe, expect, test } from 'vitest'

import { DUCKDB, duckdbFolder, fetchDuckdb } from '../../../src/cli/duckdb/fetch-duckdb.ts'
import { npmCommand } from '../../../src/cli/duckdb/npm-command.ts'
import { createFakeNpm, type FakeNpm } from './fake-npm.ts'

let root: string
let folder: string
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'tracelog-fetch-'))
  folder = duckdbFolder(join(root, 'cache'), '1.2.3')
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

const fetchWith = async (npm: FakeNpm, signal: AbortSignal = new AbortController().signal): Promise<void> =>
  await fetchDuckdb({ version: '1.2.3', folder, env: { ...process.env, npm_execpath: npm.path }, signal })
const isThere = (): boolean => existsSync(join(folder, 'node_modules', DUCKDB, 'package.json'))
const beside = (): string[] => readdirSync(dirname(folder))

describe('fetching DuckDB', () => {
  test('installs the exact version, runs no script, and leaves one folder', async () => {
    const npm = createFakeNpm(join(root, 'npm'), 'links')
    await fetchWith(npm)
    expect(isThere()).toBe(true)
    expect(beside()).toHaveLength(1)
    expect(npm.calls()).toHaveLength(1)
    expect(npm.calls()[0]).toEqual(expect.arrayContaining(['install', '--ignore-scripts', `${DUCKDB}@1.2.3`]))
  })

  test('replaces one that is damaged', async () => {
    mkdirSync(join(folder, 'node_modules', DUCKDB), { recursive: true })
    writeFileSync(join(folder, 'left-over'), '')
    await fetchWith(createFakeNpm(join(root, 'npm'), 'links'))
    expect([isThere(), existsSync(join(folder, 'left-over')), beside().length]).toEqual([true, false, 1])
  })

  test('by several at once leaves one whole folder', async () => {
    const npm = createFakeNpm(join(root, 'npm'), 'links')
    await Promise.all(Array.from({ length: 4 }, () => fetchWith(npm)))
    expect([isThere(), beside().length]).toEqual([true, 1])
  })

  test.each([
    { outcome: 'fails', reason: 'network request failed' },
    { outcome: 'does nothing', reason: 'npm installed nothing' },
  ] as const)('that $outcome says why, how to install it, and leaves nothing', async ({ outcome, reason }) => {
    await expect(fetchWith(createFakeNpm(join(root, 'npm'), outcome))).rejects.toMatchObject({
      code: 'TRACELOG_DUCKDB_MISSING',
      message: `${DUCKDB} is not installed, but must be for the local backend; fetching it failed: ${reason}`,
      hint: `Run: npm i -D ${DUCKDB}@1.2.3`,
    })
    expect(beside()).toEqual([])
  })

  test('that is interrupted leaves nothing', async () => {
    await expect(fetchWith(createFakeNpm(join(root, 'npm'), 'links'), AbortSignal.abort())).rejects.toMatchObject({
      code: 'TRACELOG_DUCKDB_MISSING',
    })
    expect(beside()).toEqual([])
  })

  test('where nothing can be written says so', async () => {
    writeFileSync(join(root, 'cache'), '')
    await expect(fetchWith(createFakeNpm(join(root, 'npm'), 'links'))).rejects.toMatchObject({
      code: 'TRACELOG_DUCKDB_MISSING',
    })
  })
})

describe('npm', () => {
  test('is the one that runs us', () => {
    const { path } = createFakeNpm(join(root, 'npm'), 'links')
    expect(npmCommand({ npm_execpath: path }, '/usr/bin/node')).toMatchObject({ file: '/usr/bin/node', args: [path] })
  })

  test('is not another package manager, and not one that is gone', () => {
    writeFileSync(join(root, 'yarn.js'), '')
    for (const npm_execpath of [join(root, 'yarn.js'), join(root, 'gone', 'npm-cli.js')]) {
      expect(npmCommand({ npm_execpath }, join(root, 'bin', 'node'))).toMatchObject({ file: 'npm', args: [] })
    }
  })

  test('is the one beside the running Node', () => {
    const script = join(root, 'lib', 'node_modules', 'npm', 'bin', 'npm-cli.js')
    mkdirSync(dirname(script), { recursive: true })
    writeFileSync(script, '')
    const node = join(root, 'bin', 'node')
    expect(npmCommand({}, node)).toEqual({ file: node, args: [script], shell: false })
  })
})
