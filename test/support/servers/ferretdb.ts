/**
 * FerretDB in MongoDB's place, which this machine's distribution does not have: it speaks MongoDB's protocol over SQLite files of its own.
 *
 * Tests that use it show what the driver does, and not what MongoDB answers.
 */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { freePort } from './free-port.ts'
import { findServer } from './program.ts'
import { listens, startServer, type ServerProcess } from './server-process.ts'

export interface TestFerretdb {
  readonly url: string
  readonly port: number
  readonly server: ServerProcess
  stop(): Promise<void>
}

export async function startFerretdb(): Promise<TestFerretdb> {
  const folder = mkdtempSync(join(tmpdir(), 'tracelog-ferret-'))
  mkdirSync(join(folder, 'data'))
  const port = await freePort()
  const server = await startServer({
    name: 'ferretdb',
    program: findServer('ferretdb') ?? 'ferretdb',
    args: [
      '--handler=sqlite',
      `--sqlite-url=file:${join(folder, 'data')}/`,
      `--listen-addr=127.0.0.1:${port}`,
      '--debug-addr=-',
      '--telemetry=disable',
      `--state-dir=${folder}`,
    ],
    cwd: folder,
    isReady: () => listens(port),
  })
  return {
    url: `mongodb://127.0.0.1:${port}`,
    port,
    server,
    async stop() {
      await server.stop()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
