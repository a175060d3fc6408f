/**
 * `tracelog dev` as a real process, to send to and to read from with the commands of the command line.
 *
 *   const backend = await startDevBackend()
 *   env: { OTEL_EXPORTER_OTLP_ENDPOINT: backend.endpoint }
 *   await backend.run(['trace', id])
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import type { ReadyLine } from '../../src/cli/find-backend.ts'
import { runCli, type Ran } from '../cli/run-cli.ts'
import { startServer } from './servers/server-process.ts'

const CLI = new URL('../../dist/cli.js', import.meta.url).pathname

export interface DevBackend {
  /** For OTEL_EXPORTER_OTLP_ENDPOINT. */
  readonly endpoint: string
  /** The query API's base, and what it asks for. */
  readonly api: string
  readonly token: string
  /** A command that reads from it, as it would be typed. */
  run(argv: readonly string[]): Promise<Ran>
  stop(): Promise<void>
  /** kill -9. */
  kill(): Promise<void>
}

/** @param env  what it reads besides PATH */
export async function startDevBackend(env: Readonly<Record<string, string>> = {}): Promise<DevBackend> {
  const data = mkdtempSync(join(tmpdir(), 'tracelog-dev-'))
  const server = await startServer({
    name: 'tracelog dev',
    program: process.execPath,
    args: [CLI, 'dev', '--json', '--data', data, '--otlp-http', '0', '--otlp-grpc', '0', '--api', '0'],
    env,
    isReady: (said) => said.includes('}\n'),
  })
  const ready = JSON.parse(server.said().split('\n')[0]!) as ReadyLine
  return {
    endpoint: ready.otlp_http,
    api: ready.api,
    token: ready.token,
    run: (argv) => runCli([...argv, '--backend', ready.api], { env: { TRACELOG_TOKEN: ready.token, TZ: 'UTC' } }),
    kill: () => server.kill(),
    async stop() {
      await server.stop()
      rmSync(data, { recursive: true, force: true })
    },
  }
}
