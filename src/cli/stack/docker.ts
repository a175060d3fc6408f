/**
 * Runs `docker compose` in a folder, with the user's terminal; says what is missing where it cannot.
 */
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'

import type { Env } from '../../config/env.ts'
import { TracelogError } from '../../diag/errors.ts'
import { COMPOSE_FILE, overlayFile } from './stack-files.ts'

/** `-f docker-compose.yml -f compose.kafka.yaml`: the later is merged over the earlier. */
export function fileArguments(overlays: readonly string[]): readonly string[] {
  return [COMPOSE_FILE, ...overlays.map(overlayFile)].flatMap((file) => ['-f', file])
}

/**
 * @param args  after `docker compose`
 * @returns its exit code
 * @throws TRACELOG_DOCKER_MISSING
 */
export async function dockerCompose(folder: string, args: readonly string[], env: Env): Promise<number> {
  requireCompose(folder, env)
  // What it prints is progress: standard output belongs to our result.
  const child = spawn('docker', ['compose', ...args], {
    cwd: folder,
    env: { ...env },
    stdio: ['inherit', 2, 'inherit'],
  })
  const [code, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null]
  if (signal !== null) throw missing(`docker compose was ended by ${signal}`, 'Run it again.')
  return code ?? 1
}

function requireCompose(folder: string, env: Env): void {
  const asked = spawnSync('docker', ['compose', 'version'], { cwd: folder, env: { ...env }, encoding: 'utf8' })
  const elsewhere = 'without Docker, run the programs yourself: collector/README.md, "Without Docker".'
  if (asked.error !== undefined) {
    throw missing('docker is not on the PATH, but must be for this command', `Install Docker Engine; or, ${elsewhere}`)
  }
  if (asked.status !== 0) {
    throw missing(
      'docker is there, but knows no "compose"',
      `Install its compose plugin (docker-compose-plugin); or, ${elsewhere}`,
    )
  }
}

function missing(message: string, hint: string): TracelogError {
  return new TracelogError(message, { code: 'TRACELOG_DOCKER_MISSING', hint })
}
