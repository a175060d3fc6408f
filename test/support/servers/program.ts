/**
 * Where the servers of the stack are on this machine: on the PATH, built before (.cache/servers), or packed beside the
 * checkout (../shared/bin), from where they are unpacked into the cache and checked against their sums.
 */
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { test } from 'vitest'

import { hasProgram, requireThat } from '../require.ts'

export type ServerName = 'otelcol' | 'loki' | 'tempo'

const root = new URL('../../..', import.meta.url).pathname
const packedFolder = join(root, '..', 'shared', 'bin')
const cache = join(root, '.cache', 'servers')

/** How to run it; undefined when it cannot be had here. */
export function findServer(name: ServerName): string | undefined {
  const cached = join(cache, name)
  if (existsSync(cached)) return cached
  if (hasProgram(name)) return name
  return existsSync(join(packedFolder, `${name}.xz`)) ? unpack(name, cached) : undefined
}

/** `test`, or a skipped test that says which of these programs are missing and what would provide them. */
export function requireServers(...names: readonly ServerName[]): typeof test {
  const missing = names.filter((name) => findServer(name) === undefined)
  return requireThat(
    missing.length === 0,
    `needs ${missing.join(' and ')}; to get it: node .ci/servers.mjs ${missing.join(' ')}`,
  )
}

/** Several test files may do this at the same time: each writes a file of its own and renames it. */
function unpack(name: ServerName, target: string): string {
  mkdirSync(cache, { recursive: true })
  const bytes = execFileSync('xz', ['-dc', join(packedFolder, `${name}.xz`)], { maxBuffer: 2 ** 30 })
  const sums = readFileSync(join(packedFolder, 'SHA256SUMS'), 'utf8')
  const sum = createHash('sha256').update(bytes).digest('hex')
  if (!sums.includes(sum)) throw new Error(`${name}.xz does not have the sum that SHA256SUMS names`)
  const partial = `${target}.${process.pid}`
  writeFileSync(partial, bytes)
  chmodSync(partial, 0o755)
  renameSync(partial, target)
  return target
}
