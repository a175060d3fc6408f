/**
 * A real nginx on loopback with collector/load-balancers/nginx.conf: the two files that are the user's are written anew.
 */
import { chmodSync, cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { freePort } from './free-port.ts'
import { COLLECTOR_FOLDER } from './otelcol.ts'
import { listens, startServer, type ServerProcess } from './server-process.ts'

export interface NginxOptions {
  /** Configuration, logs and temporary files. Give the same one to start it again. */
  readonly folder: string
  /** `host:port` of each server behind it. */
  readonly upstreams: readonly string[]
  /** `host:port` that lines are sent to by syslog instead of a file. Default: they go to the file. */
  readonly syslog?: string
  /** Whether `traceparent` of clients is adopted. Default true. */
  readonly isTrusting?: boolean
}

export interface Nginx extends ServerProcess {
  readonly url: string
  readonly logFile: string
  readonly spansFile: string
  /** `nginx -s reopen`: renamed log files are let go of, new ones begun. */
  reopen(): void
}

const FILES = join(COLLECTOR_FOLDER, 'load-balancers')

export async function startNginx({ folder, upstreams, syslog, isTrusting = true }: NginxOptions): Promise<Nginx> {
  const port = await freePort()
  mkdirSync(folder, { recursive: true })
  // The workers are another user's when this is root's, and open the log files by themselves.
  chmodSync(folder, 0o755)
  for (const file of readdirSync(FILES).filter((name) => name.startsWith('nginx'))) {
    cpSync(join(FILES, file), join(folder, file))
  }
  writeFileSync(join(folder, 'nginx-listen.conf'), `listen 127.0.0.1:${port};\n`)
  const servers = upstreams.map((address) => `server ${address} max_fails=0;`)
  writeFileSync(join(folder, 'nginx-upstreams.conf'), `upstream app { ${servers.join(' ')} keepalive 16; }\n`)
  if (!isTrusting) replaceIn(join(folder, 'nginx-tracelog.conf'), 'default 1;', 'default 0;')
  if (syslog !== undefined) {
    const file = 'access_log tracelog.json tracelog;'
    replaceIn(join(folder, 'nginx.conf'), file, `access_log syslog:server=${syslog} tracelog;`)
  }
  const server = await startServer({
    name: 'nginx',
    program: 'nginx',
    args: ['-p', folder, '-c', join(folder, 'nginx.conf'), '-e', 'stderr', '-g', 'daemon off;'],
    isReady: () => listens(port),
  })
  return {
    ...server,
    url: `http://127.0.0.1:${port}`,
    logFile: join(folder, 'tracelog.json'),
    spansFile: join(folder, 'tracelog-spans.json'),
    reopen: () => void process.kill(server.pid, 'SIGUSR1'),
    async kill() {
      const workers = childrenOf(server.pid)
      await server.kill()
      for (const pid of workers) killIfThere(pid)
    },
  }
}

function replaceIn(file: string, from: string, to: string): void {
  const text = readFileSync(file, 'utf8')
  if (!text.includes(from)) throw new Error(`${file} does not hold "${from}"`)
  writeFileSync(file, text.replace(from, to))
}

function childrenOf(pid: number): readonly number[] {
  return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number)
}

function killIfThere(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // Went with its master.
  }
}
