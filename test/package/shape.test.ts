/**
 * What is in the tarball: the shape that tools and users rely on, its size, and what it drags along.
 */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { publint } from 'publint'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { listStackFiles } from '../../src/cli/stack/stack-files.ts'
import { packTarball } from '../support/package.ts'

const root = new URL('../..', import.meta.url).pathname
/** Packed, bytes. A budget, not a measurement: raise it knowingly. 1.45 MB since the page runs in the browser, which is 20 kB of it. */
const MAX_TARBALL_BYTES = 1_600_000

let folder = ''
let tarball = ''
let files: readonly string[] = []

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tracelog-shape-'))
  tarball = packTarball(folder)
  files = spawnSync('tar', ['-tzf', tarball], { encoding: 'utf8' }).stdout.trim().split('\n')
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('the packed tarball', () => {
  test('has no complaint from publint', async () => {
    const bytes = readFileSync(tarball)
    const { messages } = await publint({ pack: { tarball: new Uint8Array(bytes).buffer }, strict: true })
    expect(messages).toEqual([])
  })

  test('resolves with its types from every module system (attw, esm-only)', () => {
    const attw = join(root, 'node_modules/@arethetypeswrong/cli/dist/index.js')
    const run = spawnSync(process.execPath, [attw, tarball, '--profile', 'esm-only', '--no-color'], {
      encoding: 'utf8',
    })
    expect({ status: run.status, output: run.status === 0 ? '' : run.stdout }).toEqual({ status: 0, output: '' })
  })

  test('resolves the client for CommonJS too (attw, node16)', () => {
    const attw = join(root, 'node_modules/@arethetypeswrong/cli/dist/index.js')
    const args = [attw, tarball, '--profile', 'node16', '--entrypoints', 'client', '--no-color']
    const run = spawnSync(process.execPath, args, { encoding: 'utf8' })
    expect({ status: run.status, output: run.status === 0 ? '' : run.stdout }).toEqual({ status: 0, output: '' })
  })

  test('holds the built files, the documents and the stack, no sources, tests or tools', () => {
    const stack = listStackFiles(root).map((file) => `package/${file}`)
    const strange = files.filter(
      (file) =>
        !/^package\/(dist\/|package\.json$|README\.md$|LICENSE$|CHANGELOG\.md$)/.test(file) && !stack.includes(file),
    )
    expect(strange).toEqual([])
    expect(stack.filter((file) => !files.includes(file))).toEqual([])
    expect(stack).toContain('package/collector/standalone.yaml')
    for (const file of [
      'cli.js',
      'index.js',
      'index.d.ts',
      'register.cjs',
      'engine.cjs',
      'engine-start.cjs',
      'export-worker.cjs',
      'export-worker-main.cjs',
      'http-reference.cjs',
      'yaml.cjs',
      'bunyan.js',
      'winston.js',
      'pino.js',
      'testing.js',
      'engine-testing.cjs',
      'metrics.cjs',
      'client.js',
      'client.cjs',
    ]) {
      expect(files).toContain(`package/dist/${file}`)
    }
  })

  test(`stays under ${MAX_TARBALL_BYTES} bytes`, () => {
    expect(statSync(tarball).size).toBeLessThan(MAX_TARBALL_BYTES)
  })

  test('names no path of a machine and no registry host', () => {
    const text = spawnSync('tar', ['-xOzf', tarball], { encoding: 'utf8', maxBuffer: 1 << 28 }).stdout
    expect(text).not.toContain(root)
    expect(text).not.toMatch(/registry\.npmjs\.org/)
  })
})

describe('the production dependencies', () => {
  const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as {
    packages: Record<
      string,
      {
        dev?: boolean
        devOptional?: boolean
        hasInstallScript?: boolean
        optional?: boolean
        license?: string
        resolved?: string
      }
    >
  }
  const production = Object.entries(lock.packages).filter(
    ([path, entry]) => path !== '' && !entry.dev && !entry.devOptional && !entry.optional,
  )

  test('are few', () => {
    expect(production.map(([path]) => path.slice('node_modules/'.length))).toMatchInlineSnapshot(`
      [
        "@opentelemetry/api",
      ]
    `)
  })

  test('run no install script', () => {
    expect(production.filter(([, entry]) => entry.hasInstallScript)).toEqual([])
  })

  test('have licences that Apache-2.0 software may carry', () => {
    expect(
      production
        .map(([, entry]) => entry.license)
        .filter((license) => !/^(Apache-2\.0|MIT|ISC|BSD-[23]-Clause)$/.test(license ?? '')),
    ).toEqual([])
  })

  test('are locked without the address of a registry', () => {
    expect(Object.values(lock.packages).filter((entry) => entry.resolved !== undefined)).toEqual([])
  })
})
