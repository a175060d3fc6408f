/** What `tracelog precompile` writes and says; what the file is good for: test/app/engine-bundle.test.ts. */
import { spawnSync } from 'node:child_process'
import {
  existsSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'

import { codeOf } from '../../src/model/compiled-code.ts'
import { copyDist, type DistCopy } from '../support/dist-copy.ts'

let copy: DistCopy
let path: string
beforeAll(() => {
  copy = copyDist()
  path = copy.compiledPath(process.versions.node)
})
afterEach(() => {
  for (const name of written()) rmSync(join(copy.dist, name), { recursive: true })
})
afterAll(() => copy.remove())

function precompile(args: readonly string[] = [], env: Readonly<Record<string, string>> = {}, cwd = copy.folder) {
  const command = [
    '-c',
    'umask 077; exec "$@"',
    'sh',
    process.execPath,
    join(copy.dist, 'cli.js'),
    'precompile',
    ...args,
  ]
  const { status, stdout, stderr } = spawnSync('sh', command, {
    cwd,
    encoding: 'utf8',
    env: { PATH: process.env['PATH'], NO_COLOR: '1', ...env },
  })
  return { status, stdout, stderr }
}

const codeBytes = (): number | undefined =>
  codeOf(readFileSync(path), readFileSync(join(copy.dist, 'engine-start.cjs')))?.length
const written = (): string[] => readdirSync(copy.dist).filter((name) => name.includes('.compiled'))

test('a file beside each bundle, which whoever reads the bundle can read', () => {
  const ended = precompile()
  const files = globSync('{engine-*,export-worker-main}.cjs', { cwd: copy.dist }).map((name) =>
    copy.compiledPath(process.versions.node, name),
  )
  const bytes = files.reduce((sum, file) => sum + statSync(file).size, 0)
  const said = `tracelog precompile: ${files.length} files (${bytes} bytes) in ${copy.dist}, for Node ${process.version}\n`
  expect(ended).toEqual({ status: 0, stdout: said, stderr: '' })
  for (const file of files) expect(statSync(file).mode).toBe(statSync(join(copy.dist, 'engine-start.cjs')).mode)
  expect(written()).toHaveLength(files.length)
  expect(codeBytes()).toBeGreaterThan(200_000)
})

test('over those that were there; --json says the same for scripts', () => {
  writeFileSync(path, 'old')
  const { status, stdout } = precompile(['--json'])
  expect(status).toBe(0)
  expect(JSON.parse(stdout)).toEqual({
    folder: copy.dist,
    files: written().length,
    bytes: written().reduce((sum, name) => sum + statSync(join(copy.dist, name)).size, 0),
    node: process.version,
  })
  expect(codeBytes()).toBeGreaterThan(200_000)
})

test('with the preload and settings in the environment the same code, and nothing that they ask for', () => {
  precompile()
  const plain = codeBytes()
  // The preload of the second call would take it, and V8 the functions in it for its own.
  rmSync(path)
  const cwd = mkdtempSync(join(tmpdir(), 'tracelog-precompile-'))
  writeFileSync(join(cwd, 'tracelog.yaml'), 'tracelog:\n  level: loud\n')
  const ended = precompile(
    [],
    {
      NODE_OPTIONS: `--import ${pathToFileURL(join(copy.dist, 'register.cjs')).href}`,
      TRACELOG_SPOOL_DIR: join(cwd, 'spool'),
      OTEL_METRICS_EXPORTER: 'otlp',
      OTEL_SDK_DISABLED: 'false',
    },
    cwd,
  )
  expect(ended).toMatchObject({ status: 0, stderr: '' })
  expect(existsSync(join(cwd, 'spool'))).toBe(false)
  // A few functions more or less are compiled, by what is on the stack of the start.
  expect(Math.abs(codeBytes()! - plain!)).toBeLessThan(plain! / 50)
  rmSync(cwd, { recursive: true })
})

test('what cannot be written is said, and nothing is left over that is not whole', () => {
  mkdirSync(path)
  const ended = precompile()
  expect(ended).toMatchObject({ status: 1, stdout: '' })
  expect(ended.stderr).toContain(`tracelog precompile: ${path}`)
  expect(written().filter((name) => !name.endsWith('.compiled'))).toEqual([])
})
