/**
 * Other versions of Node, for what must hold on each one that we support. Fetched once as npm's platform packages
 * (no install script) into .cache/ of the checkout.
 */
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** The floor, the one that development uses, the newest. */
export const NODE_VERSIONS: readonly string[] = ['22.15.0', '24.21.0', '26.10.0']

const cache = new URL('../../.cache/nodes', import.meta.url).pathname

/** The binary of that version; installs it when it is not there. @throws when the registry cannot be reached */
export function nodeBinary(version: string): string {
  if (version === process.versions.node) return process.execPath
  const folder = join(cache, version)
  const binary = join(folder, 'node_modules', `node-${process.platform}-${process.arch}`, 'bin', 'node')
  if (existsSync(binary)) return binary

  mkdirSync(cache, { recursive: true })
  // Installed beside and moved into place: two test files may want it at once.
  const building = mkdtempSync(join(cache, 'building-'))
  writeFileSync(join(building, 'package.json'), '{ "private": true }\n')
  npm(['install', '--no-save', `node-${process.platform}-${process.arch}@${version}`], building)
  try {
    renameSync(building, folder)
  } catch (error) {
    rmSync(building, { recursive: true, force: true })
    if (!existsSync(binary)) throw error
  }
  return binary
}

/** Runs npm in `cwd`. @returns its standard output */
export function npm(args: readonly string[], cwd: string, env: NodeJS.ProcessEnv = {}): string {
  return execFileSync('npm', [...args, '--no-audit', '--no-fund'], {
    cwd,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...env, npm_config_ignore_scripts: 'false' },
  })
}
