/**
 * An installed nginx in front of the demo, with collector/load-balancers/nginx.conf as it ships; the two files that are the user's
 * are written anew, as its comments say.
 */
import { cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { followAccessLog } from '../access-log/follow-access-log.ts'
import { packageRoot } from '../package-info.ts'
import type { InstalledBalancerOptions, RunningBalancer } from './balancer.ts'
import { freePort } from './free-port.ts'
import { becomesReady } from './ready.ts'

export async function startNginx({
  group,
  env,
  folder,
  upstreams,
  endpoint,
}: InstalledBalancerOptions): Promise<RunningBalancer> {
  const port = await freePort()
  writeConfiguration(folder, port, upstreams)
  group.add(await followAccessLog({ path: join(folder, 'tracelog.json'), kind: 'nginx', endpoint }))
  // As root its workers would be another user's, who may not enter the demo's folder.
  const user = process.getuid?.() === 0 ? ' user root;' : ''
  const args = ['-p', folder, '-c', join(folder, 'nginx.conf'), '-e', 'stderr', '-g', `daemon off;${user}`]
  const child = group.start({ name: 'nginx', program: 'nginx', args, env })
  // Written when it listens.
  await becomesReady(child, () => readFileSync(join(folder, 'nginx.pid'), 'utf8').trim() !== '')
  return { port }
}

function writeConfiguration(folder: string, port: number, upstreams: readonly string[]): void {
  mkdirSync(folder)
  const shipped = join(packageRoot(), 'collector', 'load-balancers')
  for (const file of readdirSync(shipped)) {
    if (file.startsWith('nginx')) cpSync(join(shipped, file), join(folder, file))
  }
  const servers = upstreams.map((address) => `  server ${address} max_fails=0;\n`).join('')
  writeFileSync(join(folder, 'nginx-listen.conf'), `listen 127.0.0.1:${port};\n`)
  writeFileSync(join(folder, 'nginx-upstreams.conf'), `upstream app {\n${servers}  keepalive 16;\n}\n`)
}
