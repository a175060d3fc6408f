/**
 * An npm for tests: it links this checkout's DuckDB instead of fetching it, fails as npm does, or installs nothing.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const PACKAGES = fileURLToPath(new URL('../../../node_modules/@duckdb', import.meta.url))

export type Outcome = 'links' | 'fails' | 'does nothing'

export interface FakeNpm {
  /** For `npm_execpath`. */
  readonly path: string
  /** The arguments of each call. */
  calls(): readonly (readonly string[])[]
}

/** @param folder  where it writes itself and its calls */
export function createFakeNpm(folder: string, outcome: Outcome): FakeNpm {
  mkdirSync(folder, { recursive: true })
  const path = join(folder, 'npm-cli.js')
  const log = join(folder, 'calls')
  const actions: Readonly<Record<Outcome, string>> = {
    links: `
      fs.mkdirSync(prefix + '/node_modules')
      fs.symlinkSync(${JSON.stringify(PACKAGES)}, prefix + '/node_modules/@duckdb')`,
    fails: `
      process.stderr.write('npm error code ENOTFOUND\\nnpm error errno ENOTFOUND\\nnpm error network request failed\\n')
      process.exitCode = 1`,
    'does nothing': '',
  }
  writeFileSync(join(folder, 'package.json'), '{ "type": "commonjs" }')
  writeFileSync(
    path,
    `const fs = require('node:fs')
    const args = process.argv.slice(2)
    fs.appendFileSync(${JSON.stringify(log)}, JSON.stringify(args) + '\\n')
    const prefix = args.find((arg) => arg.startsWith('--prefix=')).slice('--prefix='.length)
    ${actions[outcome]}`,
  )
  const lines = (): string[] => (existsSync(log) ? readFileSync(log, 'utf8').trim().split('\n') : [])
  return { path, calls: () => lines().map((line) => JSON.parse(line) as string[]) }
}
