/**
 * A real redis-server on a free port and without a disk. Needs the program: use `requireProgram('redis-server')`.
 */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { once } from 'node:events'

import { freePort } from './free-port.ts'

export interface TestRedis {
  readonly url: string
  stop(): Promise<void>
}

/** Between the look for a free port and its use somebody else may have taken it. */
const PORTS_TRIED = 5

/** Those that still run when the test process ends are killed: a failed test leaves nothing behind. */
const alive = new Set<ChildProcessWithoutNullStreams>()
process.on('exit', () => {
  for (const child of alive) child.kill('SIGKILL')
})

/** @throws with what it said, when it does not start */
export async function startRedis(cwd: string): Promise<TestRedis> {
  let output = ''
  for (let tried = 0; tried < PORTS_TRIED; tried++) {
    const port = await freePort()
    const child = spawn('redis-server', ['--port', String(port), '--bind', '127.0.0.1', '--save', ''], { cwd })
    alive.add(child)
    child.once('close', () => alive.delete(child))
    output = await readUntilReady(child)
    if (output.includes(READY)) return { url: `redis://127.0.0.1:${port}`, stop: () => kill(child) }
    if (!output.includes('Address already in use')) break
  }
  throw new Error(`redis-server did not start:\n${output.slice(-4_000)}`)
}

const READY = 'Ready to accept connections'

/** All that it said until it was ready, or ended. */
async function readUntilReady(child: ChildProcessWithoutNullStreams): Promise<string> {
  let output = ''
  child.stdout.setEncoding('utf8')
  for await (const text of child.stdout.iterator({ destroyOnReturn: false })) {
    output += String(text)
    if (output.includes(READY)) break
  }
  child.stdout.resume()
  return output
}

async function kill(child: ChildProcessWithoutNullStreams): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exited = once(child, 'exit')
  child.kill('SIGKILL')
  await exited
}
