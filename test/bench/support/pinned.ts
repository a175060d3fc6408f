/**
 * Which process runs on which core: servers under test share one, with all their threads; the client, the sink and redis have
 * another.
 */
import { execFileSync, spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { cpus } from 'node:os'

import { cleanEnv } from './contenders.ts'

const SERVER_CORE = '0'
const CLIENT_CORE = String(cpus().length - 1)
const started = new Set<ChildProcess>()

/** This process, which makes the load, and all that it starts from now on. */
export function pinSelf(): void {
  execFileSync('taskset', ['-acp', CLIENT_CORE, String(process.pid)], { stdio: 'ignore' })
}

export interface PinnedServer {
  readonly pid: number
  readonly port: number
}

/** A Node program that sends its port to its parent. */
export async function startServer(
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<PinnedServer> {
  const child = spawn('taskset', ['-c', SERVER_CORE, process.execPath, ...args], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    env: cleanEnv({ ...env, NODE_ENV: 'production' }),
  })
  started.add(child)
  const [port] = await Promise.race([
    once(child, 'message') as Promise<[number]>,
    once(child, 'exit').then(() => {
      throw new Error(`the server ended before it listened: ${args.join(' ')}`)
    }),
  ])
  return { pid: child.pid!, port }
}

/** Ends all that was started here. */
export function stopAll(): void {
  for (const child of started) child.kill('SIGKILL')
  started.clear()
}
