/**
 * A real PostgreSQL: a cluster of its own in a temporary folder, without disk syncs, on a free port and a socket.
 */
import { execFile } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

import { hasProgram, requireThat } from '../require.ts'
import { freePort } from './free-port.ts'
import { startServer, type ServerProcess } from './server-process.ts'
import { giveToUnprivileged, unprivilegedUser } from './unprivileged.ts'

export interface TestPostgres {
  readonly host: '127.0.0.1'
  readonly port: number
  /** Where its socket is, as pg's `host`. */
  readonly socketFolder: string
  readonly user: 'test'
  readonly database: 'postgres'
  readonly server: ServerProcess
  stop(): Promise<void>
}

const DEBIAN = '/usr/lib/postgresql'

/** Where its programs are: the newest version of Debian's, else `''` for those on the PATH; `undefined`: nowhere. */
function programFolder(): string | undefined {
  const versions = existsSync(DEBIAN) ? readdirSync(DEBIAN).toSorted((a, b) => Number(b) - Number(a)) : []
  const found = versions
    .map((version) => join(DEBIAN, version, 'bin'))
    .find((folder) => existsSync(join(folder, 'initdb')))
  return found ?? (hasProgram('initdb') && hasProgram('postgres') ? '' : undefined)
}

/** `test`, or a skipped one that says what is missing. */
export const testWithPostgres = requireThat(
  programFolder() !== undefined,
  'needs initdb and postgres; to get them: apt-get install postgresql',
)

export async function startPostgres(): Promise<TestPostgres> {
  const programs = programFolder() ?? ''
  const folder = mkdtempSync(join(tmpdir(), 'tracelog-pg-'))
  const data = join(folder, 'data')
  mkdirSync(data, { mode: 0o700 })
  for (const each of [folder, data]) giveToUnprivileged(each)
  const user = unprivilegedUser()
  const init = ['-D', data, '-U', 'test', '--auth=trust', '--no-sync', '--locale=C', '--encoding=UTF8']
  await promisify(execFile)(join(programs, 'initdb'), init, { cwd: folder, ...user })
  const port = await freePort()
  const args = ['-D', data, '-h', '127.0.0.1', '-p', String(port), '-k', folder, '-F', '-c', 'shared_buffers=16MB']
  const server = await startServer({
    name: 'postgres',
    program: join(programs, 'postgres'),
    args,
    cwd: folder,
    user,
    isReady: (said) => said.includes('ready to accept connections'),
  })
  return {
    host: '127.0.0.1',
    port,
    socketFolder: folder,
    user: 'test',
    database: 'postgres',
    server,
    async stop() {
      await server.stop()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
