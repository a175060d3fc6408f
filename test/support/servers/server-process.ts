/**
 * One real server as a child process: started with exactly this environment, ready when asked, ended by its own pid.
 *
 * Nothing of the test's environment reaches it but PATH: what a configuration needs is named by the test.
 *
 * One that is ready and then ends by itself is started again, as compose does (`restart: unless-stopped`), and its last words are told:
 * without them a test that waits for it only says that nobody answers.
 */
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createConnection } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'

import type { UserIds } from './unprivileged.ts'

export interface ServerOptions {
  readonly name: string
  readonly program: string
  readonly args: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  readonly cwd?: string
  /** As whom it runs. Default: as the tests do. */
  readonly user?: UserIds | undefined
  /** Asked every 50 ms, with what it said so far, until it is true; a rejection counts as "not yet". */
  readonly isReady: (said: string) => Promise<boolean> | boolean
  /** How long it may take. Milliseconds; default 60_000. */
  readonly readyMillis?: number
  /** How long it may take to stop after a SIGTERM; then it is killed. Milliseconds; default 30_000. */
  readonly stopMillis?: number
}

export interface ServerProcess {
  /** Of the one that runs: another after an end that nobody asked for. */
  readonly pid: number
  /** All that it wrote to standard output and standard error so far. */
  said(): string
  /** SIGTERM, and after `stopMillis` SIGKILL. Resolves when it is gone; again: does nothing. */
  stop(): Promise<void>
  /** kill -9. Resolves when it is gone. */
  kill(): Promise<void>
}

/** Kept of what it says. Characters. */
const KEPT = 200_000
const POLL_MILLIS = 50
const LAST_WORDS_MILLIS = 5_000
/** One that ends again and again is broken. */
const RESTARTS = 3
/** Said by a server whose port somebody has for a moment, such as the one before it: it is started again until it is ready. */
const IN_USE = /address already in use/i

/** Those that still run when the test process ends are killed: a failed test leaves nothing behind. */
const alive = new Set<ChildProcess>()
process.on('exit', () => {
  for (const child of alive) child.kill('SIGKILL')
})

/** @throws with what it said, when it ends instead, or takes too long */
export async function startServer(options: ServerOptions): Promise<ServerProcess> {
  const { name, isReady, readyMillis = 60_000 } = options
  const deadline = performance.now() + readyMillis
  for (let server = launch(options); ; await pause(POLL_MILLIS)) {
    // Not gone: the one before it may answer there still.
    if ((await answers(isReady, server.said())) && !server.isGone()) return keptRunning(options, server)
    if (performance.now() > deadline) {
      await server.kill()
      throw new Error(`${name} was not ready within ${readyMillis / 1_000} s:\n${server.said().slice(-4_000)}`)
    }
    if (!server.isGone()) continue
    await gone(server)
    if (!IN_USE.test(server.said()))
      throw new Error(`${name} ended before it was ready:\n${server.said().slice(-4_000)}`)
    server = launch(options)
  }
}

interface LaunchedServer extends ServerProcess {
  isGone(): boolean
  readonly ended: Promise<void>
  /** It is gone, and has said all. */
  readonly closed: Promise<void>
  /** How it ended: a code or a signal. */
  end(): string
}

function keptRunning(options: ServerOptions, first: LaunchedServer): ServerProcess {
  let [server, before, restarts, isWanted] = [first, '', 0, true]
  const again = (): void => {
    if (!isWanted || restarts++ === RESTARTS) return
    before += server.said()
    const words = server.said().slice(-4_000)
    process.stderr.write(`${options.name} ended by itself (${server.end()}) and is started again:\n${words}\n`)
    server = launch(options)
    void gone(server).then(again)
  }
  void gone(server).then(again)
  const asked = (how: 'stop' | 'kill') => async (): Promise<void> => {
    isWanted = false
    await server[how]()
  }
  return {
    get pid() {
      return server.pid
    },
    said: () => (before + server.said()).slice(-KEPT),
    stop: asked('stop'),
    kill: asked('kill'),
  }
}

/** Its last words may come after its end; what it has left behind may keep them open for ever. */
async function gone(server: LaunchedServer): Promise<void> {
  await server.ended
  await Promise.race([server.closed, pause(LAST_WORDS_MILLIS, undefined, { ref: false })])
}

function launch({ program, args, env = {}, cwd, user, stopMillis = 30_000 }: ServerOptions): LaunchedServer {
  const child = spawn(program, args, {
    env: { PATH: process.env['PATH'] ?? '', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    ...(cwd === undefined ? {} : { cwd }),
    ...user,
  })
  alive.add(child)
  let said = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => (said = (said + text).slice(-KEPT)))
  }
  const ended = new Promise<void>((resolve) => {
    child.once('error', (error) => {
      said += error.message
      resolve()
    })
    child.once('exit', () => resolve())
  }).then(() => void alive.delete(child))
  const isGone = (): boolean => child.exitCode !== null || child.signalCode !== null || child.pid === undefined
  const closed = new Promise<void>((resolve) => child.once('close', () => resolve()))
  return {
    pid: child.pid ?? -1,
    isGone,
    ended,
    closed,
    end: () => (child.signalCode === null ? `exit code ${child.exitCode}` : child.signalCode),
    said: () => said,
    async stop() {
      if (isGone()) return
      child.kill('SIGTERM')
      const timer = setTimeout(() => child.kill('SIGKILL'), stopMillis)
      await ended
      clearTimeout(timer)
    },
    async kill() {
      if (!isGone()) child.kill('SIGKILL')
      await ended
    },
  }
}

async function answers(isReady: ServerOptions['isReady'], said: string): Promise<boolean> {
  try {
    return await isReady(said)
  } catch {
    return false
  }
}

/** Whether `url` answers with a 200. For `isReady`. */
export async function isOk(url: string): Promise<boolean> {
  return (await statusOf(url)) === 200
}

/** Of a GET; rejects when there is no answer. */
export async function statusOf(url: string): Promise<number> {
  const response = await fetch(url, { signal: AbortSignal.timeout(2_000) })
  await response.body?.cancel()
  return response.status
}

/** Opens a connection and closes it: no request, no line in the log. */
export function listens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection(port, '127.0.0.1', () => {
      socket.destroy()
      resolve(true)
    })
    socket.on('error', () => resolve(false))
  })
}

/** Runs a program that only checks something. @returns its exit code and all that it said */
export async function runToEnd(
  program: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<{ readonly code: number | null; readonly said: string }> {
  const child = spawn(program, args, {
    env: { PATH: process.env['PATH'] ?? '', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let said = ''
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => (said += text))
  const [code] = (await once(child, 'close')) as [number | null]
  return { code, said }
}
