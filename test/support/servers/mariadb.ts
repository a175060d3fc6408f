/**
 * A real MariaDB: a data folder of its own in a temporary one, on a free port, with a `root` without a password.
 */
import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

import { hasProgram, requireThat } from '../require.ts'
import { freePort } from './free-port.ts'
import { startServer, type ServerProcess } from './server-process.ts'
import { giveToUnprivileged, unprivilegedUser } from './unprivileged.ts'

export interface TestMariadb {
  readonly host: '127.0.0.1'
  readonly port: number
  readonly user: 'root'
  readonly server: ServerProcess
  stop(): Promise<void>
}

/** Where Debian has the server, for a PATH without it. */
const DEBIAN = '/usr/sbin'

/** `test`, or a skipped one that says what is missing. */
export const testWithMariadb = requireThat(
  hasProgram('mariadb-install-db') && (hasProgram('mariadbd') || hasProgram(join(DEBIAN, 'mariadbd'))),
  'needs mariadbd and mariadb-install-db; to get them: apt-get install mariadb-server',
)

export async function startMariadb(): Promise<TestMariadb> {
  const folder = mkdtempSync(join(tmpdir(), 'tracelog-maria-'))
  giveToUnprivileged(folder)
  const user = unprivilegedUser()
  const data = join(folder, 'data')
  const install = ['--no-defaults', `--datadir=${data}`, '--auth-root-authentication-method=normal', '--skip-test-db']
  await promisify(execFile)('mariadb-install-db', install, { cwd: folder, ...user })
  const port = await freePort()
  const server = await startServer({
    name: 'mariadbd',
    program: hasProgram('mariadbd') ? 'mariadbd' : join(DEBIAN, 'mariadbd'),
    args: [
      '--no-defaults',
      `--datadir=${data}`,
      `--port=${port}`,
      '--bind-address=127.0.0.1',
      `--socket=${join(folder, 'db.sock')}`,
      '--innodb-flush-log-at-trx-commit=0',
      '--innodb-buffer-pool-size=16M',
    ],
    cwd: folder,
    user,
    isReady: (said) => said.includes('ready for connections'),
  })
  return {
    host: '127.0.0.1',
    port,
    user: 'root',
    server,
    async stop() {
      await server.stop()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
