/**
 * Fetches DuckDB into the user's cache directory, once for all projects: what `tracelog dev` needs and no project has to carry.
 *
 * npm installs into a folder beside, which is renamed into place: a folder of that name is whole, or damaged afterwards. Two at
 * once do no harm: the later one finds the other's and drops its own. No install script runs.
 */
import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

import type { Env } from '../../config/env.ts'
import { TracelogError } from '../../diag/errors.ts'
import { npmCommand } from './npm-command.ts'

export const DUCKDB = '@duckdb/node-api'

export interface FetchOptions {
  /** The version that this package was tested with. */
  readonly version: string
  /** Where it is to lie. */
  readonly folder: string
  readonly env: Env
  /** Ends npm. */
  readonly signal: AbortSignal
}

/** Where a version lies below the cache directory: one folder for each kind of machine, homes are shared between them. */
export function duckdbFolder(cache: string, version: string): string {
  return join(cache, 'duckdb', `${version}-${process.platform}-${process.arch}`)
}

/**
 * Replaces what is in the folder, unless another process has put it there meanwhile.
 *
 * @throws TRACELOG_DUCKDB_MISSING with npm's reason; then nothing is left behind
 */
export async function fetchDuckdb({ version, folder, env, signal }: FetchOptions): Promise<void> {
  const before = markOf(folder)
  let made: string | undefined
  try {
    mkdirSync(dirname(folder), { recursive: true })
    made = mkdtempSync(`${folder}.`)
    // npm looks for a project from here upwards.
    writeFileSync(join(made, 'package.json'), '{ "private": true }\n')
    await runNpm(made, version, { env, signal })
    if (!existsSync(join(made, 'node_modules', DUCKDB, 'package.json'))) throw new Error('npm installed nothing')
    if (markOf(folder) === before) putInPlace(made, folder)
  } catch (error) {
    throw notFetched(version, error)
  } finally {
    if (made !== undefined) rmSync(made, { recursive: true, force: true })
  }
}

/** Differs when another folder has come into its place. */
function markOf(folder: string): string | undefined {
  const found = statSync(folder, { throwIfNoEntry: false, bigint: true })
  return found === undefined ? undefined : `${found.ino} ${found.birthtimeNs}`
}

function putInPlace(made: string, folder: string): void {
  const old = `${made}.old`
  if (existsSync(folder)) renameSync(folder, old)
  try {
    renameSync(made, folder)
  } catch (error) {
    // Somebody else was quicker between the two renames: theirs is as good.
    if (!existsSync(folder)) throw error
  }
  rmSync(old, { recursive: true, force: true })
}

function runNpm(folder: string, version: string, { env, signal }: Pick<FetchOptions, 'env' | 'signal'>): Promise<void> {
  const npm = npmCommand(env)
  const args = [
    ...npm.args,
    'install',
    `--prefix=${folder}`,
    '--no-global',
    '--no-save',
    '--ignore-scripts',
    '--no-audit',
    '--no-fund',
    '--loglevel=error',
    // A machine without a registry is to hear of it in seconds.
    '--fetch-retries=1',
    '--fetch-retry-mintimeout=1000',
    '--fetch-retry-maxtimeout=2000',
    `${DUCKDB}@${version}`,
  ]
  return new Promise((resolve, reject) => {
    const child = spawn(npm.file, args, {
      cwd: folder,
      shell: npm.shell,
      stdio: ['ignore', 'ignore', 'pipe'],
      signal,
      env,
    })
    let told = ''
    child.stderr.on('data', (chunk: Buffer) => (told = (told + String(chunk)).slice(-4_000)))
    child.once('error', (error: NodeJS.ErrnoException) =>
      reject(error.code === 'ENOENT' ? new Error('there is no npm on the PATH') : error),
    )
    child.once('close', (code, killedBy) => {
      if (code === 0) resolve()
      else reject(new Error(reasonOf(told) ?? `npm ended with ${code ?? killedBy}`))
    })
  })
}

/** The first line of npm's that says something. */
function reasonOf(told: string): string | undefined {
  const lines = told.split('\n').map((line) => line.replace(/^npm (?:error|ERR!)\s*/, '').trim())
  const saying = lines.filter((line) => line !== '' && !/^(?:code|errno|syscall|A complete log)\b/.test(line))
  return saying[0]?.slice(0, 300)
}

function notFetched(version: string, cause: unknown): TracelogError {
  const reason = cause instanceof Error ? cause.message : String(cause)
  return new TracelogError(
    `${DUCKDB} is not installed, but must be for the local backend; fetching it failed: ${reason}`,
    { code: 'TRACELOG_DUCKDB_MISSING', hint: `Run: npm i -D ${DUCKDB}@${version}`, cause },
  )
}
