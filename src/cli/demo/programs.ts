/**
 * Where do the demo's programs run? In a checkout where they lie; from an installed package in a folder of their own, with
 * what they need installed beside them.
 */
import { cpSync, existsSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'

import { TracelogError } from '../../diag/errors.ts'
import type { ChildGroup } from './child-group.ts'
import { dependencyVersion, packageRoot } from '../package-info.ts'

/** What the programs import. */
const PACKAGES = ['express', 'winston', 'redis', 'http-proxy-3', 'lru-cache']
/** What the backend needs; an optional peer, so that npx and global installations do not have it. */
const DUCKDB = '@duckdb/node-api'

export interface ProgramsOptions {
  readonly group: ChildGroup
  /** Whether the package is a checkout with its development dependencies. */
  readonly isCheckout: boolean
  /** A folder to install into otherwise. */
  readonly folder: string
  readonly env: Readonly<Record<string, string | undefined>>
}

/** The packed package has no src/. */
export function runsFromCheckout(): boolean {
  return existsSync(join(packageRoot(), 'src', 'demo'))
}

/** @returns the folder that holds the programs. @throws TracelogError when npm fails */
export async function preparePrograms(options: ProgramsOptions): Promise<string> {
  const { isCheckout, folder } = options
  const built = join(packageRoot(), 'dist', 'demo')
  if (isCheckout) return built
  for (const file of readdirSync(built)) {
    if (file.endsWith('.js')) cpSync(join(built, file), join(folder, file))
  }
  const names = hasDuckdb() ? PACKAGES : [...PACKAGES, DUCKDB]
  const dependencies = Object.fromEntries(names.map((name) => [name, dependencyVersion(name)]))
  writeFileSync(
    join(folder, 'package.json'),
    `${JSON.stringify({ name: 'tracelog-demo', private: true, type: 'module', dependencies }, null, 2)}\n`,
  )
  await install(options)
  // The order imports it by its name: the very package that runs here.
  const scope = join(folder, 'node_modules', '@org')
  mkdirSync(scope, { recursive: true })
  symlinkSync(packageRoot(), join(scope, 'tracelog'), 'junction')
  return folder
}

function hasDuckdb(): boolean {
  try {
    createRequire(import.meta.url).resolve(DUCKDB)
    return true
  } catch {
    return false
  }
}

async function install({ group, folder, env }: ProgramsOptions): Promise<void> {
  const args = ['install', '--no-audit', '--no-fund', '--no-progress', '--loglevel=error']
  const child = group.start({ name: 'npm', program: 'npm', args, env, cwd: folder })
  if ((await child.ended) === 0) return
  throw new TracelogError(`npm could not install ${PACKAGES.join(', ')} for the demo`, {
    code: 'TRACELOG_BACKEND_UNREACHABLE',
    hint: child.errorText().replace(/\s*\n\s*/g, ' | ') || 'Is npm in the PATH?',
  })
}
