/**
 * The processes of the demo: started, watched for what they print, and all ended, by pid, however the demo itself ends.
 */
import { spawn, type ChildProcess } from 'node:child_process'
import { createInterface } from 'node:readline'

import { TracelogError } from '../../diag/errors.ts'

export interface StartOptions {
  readonly name: string
  readonly program: string
  readonly args: readonly string[]
  readonly env: Readonly<Record<string, string | undefined>>
  /** Default: ours. */
  readonly cwd?: string
  /** Hears each line of its standard output. */
  readonly onLine?: (line: string) => void
}

export interface DemoChild {
  readonly name: string
  readonly pid: number
  /** The first line, past or future, that `choose` makes something of. @throws TracelogError when the process ends before, or after 30 s */
  firstLine<T>(choose: (line: string) => T | undefined): Promise<T>
  /** Resolves with its exit code; null when a signal ended it. */
  readonly ended: Promise<number | null>
  /** The last that it wrote to standard error. */
  errorText(): string
  /** SIGTERM, and after a while SIGKILL. Resolves when it is gone. */
  stop(): Promise<void>
}

export interface ChildGroup {
  /** @throws TracelogError once stopAll was called: what starts later would outlive us */
  start(options: StartOptions): DemoChild
  /** Something of this process that ends with the others, in the same order. @throws as `start` does */
  add(part: { stop(): Promise<void> }): void
  /** What all that were started wrote last to standard error: a line each, with the name. */
  errors(): readonly string[]
  /** The last started ends first: who depends on others goes before them. */
  stopAll(): Promise<void>
}

/** For a process to become ready. Milliseconds. */
const READY_MILLIS = 30_000
/** From SIGTERM to SIGKILL. Milliseconds. */
const STOP_MILLIS = 5_000
/** Of its standard error, for the message when it fails. Characters. */
const KEPT_ERROR_TEXT = 2_000

export function createChildGroup(): ChildGroup {
  const parts: { stop(): Promise<void> }[] = []
  const started: DemoChild[] = []
  const alive = new Set<ChildProcess>()
  let isStopped = false
  // Also for the ends that nobody awaits: an uncaught error, process.exit.
  const killAll = (): void => {
    for (const child of alive) child.kill('SIGKILL')
  }
  process.on('exit', killAll)
  return {
    start(options) {
      if (isStopped) throw interrupted(options.name)
      const child = spawnChild(options)
      alive.add(child)
      child.once('exit', () => alive.delete(child))
      const watched = watch(child, options)
      parts.push(watched)
      started.push(watched)
      return watched
    },
    add(part) {
      if (isStopped) {
        void part.stop()
        throw interrupted('a part of the demo')
      }
      parts.push(part)
    },
    errors: () => started.flatMap(errorLines),
    async stopAll() {
      isStopped = true
      for (const part of parts.splice(0).toReversed()) await part.stop()
      process.removeListener('exit', killAll)
    },
  }
}

function errorLines(child: DemoChild): string[] {
  const text = child.errorText()
  return text === '' ? [] : text.split('\n').map((line) => `${child.name}: ${line}`)
}

function spawnChild({ program, args, env, cwd }: StartOptions): ChildProcess {
  return spawn(program, args, {
    env: { ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    ...(cwd === undefined ? {} : { cwd }),
  })
}

function watch(child: ChildProcess, { name, onLine }: StartOptions): DemoChild {
  const lines: string[] = []
  const listeners = new Set<(line: string) => void>()
  let errorText = ''
  child.stderr?.on('data', (chunk: Buffer) => (errorText = (errorText + String(chunk)).slice(-KEPT_ERROR_TEXT)))
  const output = createInterface({ input: child.stdout as NodeJS.ReadableStream })
  output.on('line', (line) => {
    if (listeners.size > 0 || lines.length < 100) lines.push(line)
    onLine?.(line)
    for (const listener of listeners) listener(line)
  })
  const ended = new Promise<number | null>((resolve) => {
    child.once('error', (error) => {
      errorText += error.message
      resolve(null)
    })
    // `close`, not `exit`: all that it printed has been read.
    child.once('close', (code) => resolve(code))
  })
  return {
    name,
    pid: child.pid ?? -1,
    ended,
    errorText: () => errorText.trim(),
    firstLine: (choose) => firstLine({ name, lines, listeners, ended, errorText: () => errorText }, choose),
    stop: () => stopChild(child, ended),
  }
}

interface Watched {
  readonly name: string
  readonly lines: readonly string[]
  readonly listeners: Set<(line: string) => void>
  readonly ended: Promise<number | null>
  readonly errorText: () => string
}

async function firstLine<T>(watched: Watched, choose: (line: string) => T | undefined): Promise<T> {
  const { name, lines, listeners, ended, errorText } = watched
  for (const line of lines) {
    const chosen = choose(line)
    if (chosen !== undefined) return chosen
  }
  const { promise, resolve, reject } = Promise.withResolvers<T>()
  const listener = (line: string): void => {
    const chosen = choose(line)
    if (chosen !== undefined) resolve(chosen)
  }
  const timer = setTimeout(() => reject(notReady(name, `within ${READY_MILLIS / 1_000} s`, errorText())), READY_MILLIS)
  listeners.add(listener)
  void ended.then((code) => reject(notReady(name, `and ended with ${code ?? 'a signal'}`, errorText())))
  try {
    return await promise
  } finally {
    clearTimeout(timer)
    listeners.delete(listener)
  }
}

function interrupted(name: string): TracelogError {
  return new TracelogError(`${name} was not started: everything is being ended`, {
    code: 'TRACELOG_BACKEND_UNREACHABLE',
    hint: 'Start again.',
  })
}

function notReady(name: string, how: string, errorText: string): TracelogError {
  const text = errorText.trim()
  return new TracelogError(`${name} did not become ready ${how}`, {
    code: 'TRACELOG_BACKEND_UNREACHABLE',
    hint: text === '' ? 'Run it by hand to see why.' : text.replace(/\s*\n\s*/g, ' | '),
  })
}

async function stopChild(child: ChildProcess, ended: Promise<number | null>): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return void (await ended)
  child.kill('SIGTERM')
  const timer = setTimeout(() => child.kill('SIGKILL'), STOP_MILLIS)
  await ended
  clearTimeout(timer)
}
