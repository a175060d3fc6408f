/**
 * A child process in our place: the same streams, every signal handed on, and its end as our own end.
 */
import { spawn, type ChildProcess } from 'node:child_process'
import { constants } from 'node:os'

import type { Env } from '../config/env.ts'
import { TracelogError } from '../diag/errors.ts'

/** What a terminal, a shell or a service manager may send. */
const FORWARDED: readonly NodeJS.Signals[] = [
  'SIGINT',
  'SIGTERM',
  'SIGHUP',
  'SIGQUIT',
  'SIGUSR2',
  'SIGWINCH',
  'SIGCONT',
  'SIGALRM',
  'SIGPIPE',
]
/** A terminal sends these to the child itself as well: handed on they would arrive twice, and twice means "at once". */
const SENT_BY_TERMINAL: ReadonlySet<NodeJS.Signals> = new Set(['SIGINT', 'SIGQUIT', 'SIGWINCH', 'SIGHUP'])

/** Source: POSIX, "Exit Status for Commands". */
const NOT_FOUND = 127
const NOT_EXECUTABLE = 126

export interface RunOptions {
  readonly env: Env
  /** Both output streams are pipes, and it reads them; default: they are our own. */
  readonly onStart?: ((child: ChildProcess) => void) | undefined
  /** Called when the program has ended, before we do as it did. */
  readonly beforeEnd?: () => Promise<void>
}

/**
 * Runs the program to its end.
 *
 * @returns its exit code. When it died of a signal, this process dies of the same one.
 * @throws TracelogError with `exitCode` 126 or 127 when it cannot be started
 */
export async function runAndForward(program: string, args: readonly string[], options: RunOptions): Promise<number> {
  const { onStart } = options
  const output = onStart === undefined ? 'inherit' : 'pipe'
  const child = spawn(program, args, { stdio: ['inherit', output, output], env: { ...options.env } })
  onStart?.(child)
  const stop = forwardSignals(child)
  try {
    const { code, signal } = await endOf(child, program)
    stop()
    await options.beforeEnd?.()
    if (signal === null) return code ?? 1
    return await dieOf(signal)
  } finally {
    stop()
  }
}

function forwardSignals(child: ChildProcess): () => void {
  const hasTerminal = process.stdin.isTTY || process.stderr.isTTY
  const listeners = FORWARDED.map((name) => {
    const listener = (): void => {
      if (!(hasTerminal && SENT_BY_TERMINAL.has(name))) child.kill(name)
    }
    process.on(name, listener)
    return { name, listener }
  })
  return () => {
    for (const { name, listener } of listeners) process.removeListener(name, listener)
  }
}

function endOf(child: ChildProcess, program: string): Promise<{ code: number | null; signal: NodeJS.Signals | null }> {
  return new Promise((resolve, reject) => {
    child.on('error', (error) => reject(cannotStart(program, error)))
    child.on('exit', (code, signal) => resolve({ code, signal }))
  })
}

/** Whoever waits for us sees what it would have seen of the command. */
async function dieOf(signal: NodeJS.Signals): Promise<number> {
  process.kill(process.pid, signal)
  // The signal arrives within a turn; some are ignored by their default action (SIGCONT), then the code says it.
  await new Promise((resolve) => setTimeout(resolve, 1_000))
  return 128 + constants.signals[signal]
}

function cannotStart(program: string, cause: NodeJS.ErrnoException): TracelogError {
  const isMissing = cause.code === 'ENOENT'
  const error = new TracelogError(
    `the command "${program}" ${isMissing ? 'was not found' : `cannot be started (${cause.code})`}`,
    {
      code: 'TRACELOG_USAGE',
      hint: 'Check its name, its place and its permissions; it is looked for in PATH.',
      cause,
    },
  )
  return Object.assign(error, { exitCode: isMissing ? NOT_FOUND : NOT_EXECUTABLE })
}
