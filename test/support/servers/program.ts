/**
 * Where the servers of the stack are on this machine: provided before (.cache/servers), on the PATH, or packed beside the
 * checkout (../shared/bin), from where .ci/servers.mjs unpacks them. What takes minutes (building them) no test does.
 */
import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'

import { test } from 'vitest'

import { hasProgram, requireThat } from '../require.ts'

export type ServerName = 'otelcol' | 'loki' | 'tempo' | 'kafka' | 'nats-server' | 'ferretdb'

const root = new URL('../../..', import.meta.url).pathname
const packedFolder = join(root, '..', 'shared', 'bin')
const SERVERS_FOLDER = join(root, '.cache', 'servers')

/** How to run it (kafka: the folder of its jars, for java); undefined when it cannot be had here. */
export function findServer(name: ServerName): string | undefined {
  const provided = join(SERVERS_FOLDER, name)
  if (name === 'kafka') return existsSync(provided) && hasProgram('java') ? provided : undefined
  if (existsSync(provided)) return provided
  if (hasProgram(name)) return name
  if (!existsSync(join(packedFolder, `${name}.xz`))) return undefined
  execFileSync(process.execPath, [join(root, '.ci', 'servers.mjs'), name], { stdio: ['ignore', 'ignore', 'pipe'] })
  return provided
}

/** `test`, or a skipped test that says which of these programs are missing and what would provide them. */
export function requireServers(...names: readonly ServerName[]): typeof test {
  const missing = names.filter((name) => findServer(name) === undefined)
  // Tempo is no Go module: where it is not packed beside the checkout it cannot be had, in CI neither.
  if (missing.length === 1 && missing[0] === 'tempo' && !existsSync(join(packedFolder, 'tempo.xz'))) {
    return ((name: string) =>
      test.skip(`${name} (needs tempo, which only ../shared/bin has)`)) as unknown as typeof test
  }
  return requireThat(
    missing.length === 0,
    `needs ${missing.join(' and ')}; to get it: node .ci/servers.mjs ${missing.join(' ')}${missing.includes('kafka') ? ' (and java)' : ''}`,
  )
}
