/**
 * Runs a program of test/fixtures as a real process, with the preload (from dist/) or without, and collects how it ended.
 *
 * dist/ must have been built (`node .ci/build.mjs`; `npm test` does it).
 */
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { fileURLToPath, pathToFileURL } from 'node:url'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
export const REGISTER: string = `${ROOT}dist/register.cjs`
const FLUSH_AT_END = `${ROOT}test/support/flush-at-end.cjs`

/** How the preload gets in; `none` is bare Node, to compare with. */
export type Preload = 'import' | 'require' | 'node-options' | 'none'

export interface ChildOptions {
  /** Default: `import`. */
  readonly preload?: Preload
  /** Added to an environment without any OTEL_* and TRACELOG_* of the test's own process. */
  readonly env?: Readonly<Record<string, string | undefined>>
  readonly args?: readonly string[]
  /** Flags for Node itself, before the program. */
  readonly nodeArgs?: readonly string[]
  /** The Node binary; default: TRACELOG_TEST_NODE, else the one that runs the test. */
  readonly node?: string
  readonly cwd?: string
  /** Before it ends by itself, all is sent, however busy the machine is. Default: it ends as users' programs do. */
  readonly flushesAtEnd?: boolean
}

export interface ChildEnd {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly stdout: string
  readonly stderr: string
  /** From spawn to exit. */
  readonly tookMillis: number
}

export interface RunningChild {
  readonly process: ChildProcess
  stdout(): string
  stderr(): string
  /** Resolves when stdout contains `text`; rejects if the program ends first. */
  prints(text: string): Promise<void>
  kill(signal: NodeJS.Signals): void
  readonly ended: Promise<ChildEnd>
}

/** The path of a fixture, or the path itself when it is absolute. */
export function fixture(name: string): string {
  return name.startsWith('/') ? name : `${ROOT}test/fixtures/${name}`
}

/** Starts a program of test/fixtures (or an absolute path); see `runChild` for waiting until it ends. */
export function startChild(program: string, options: ChildOptions = {}): RunningChild {
  const preload = options.preload ?? 'import'
  if (preload !== 'none' && !existsSync(REGISTER)) throw new Error('dist/ is not built: run node .ci/build.mjs')
  const started = performance.now()
  const child = spawn(
    options.node ?? process.env['TRACELOG_TEST_NODE'] ?? process.execPath,
    [
      ...preloadArgs(preload),
      ...(options.flushesAtEnd === true ? ['--require', FLUSH_AT_END] : []),
      ...(options.nodeArgs ?? []),
      fixture(program),
      ...(options.args ?? []),
    ],
    { cwd: options.cwd ?? ROOT, env: childEnv(preload, options.env ?? {}), stdio: ['ignore', 'pipe', 'pipe'] },
  )
  return watch(child, started)
}

/** Runs a program to its end. */
export function runChild(program: string, options: ChildOptions = {}): Promise<ChildEnd> {
  return startChild(program, options).ended
}

function preloadArgs(preload: Preload): string[] {
  if (preload === 'import') return ['--import', pathToFileURL(REGISTER).href]
  return preload === 'require' ? ['--require', REGISTER] : []
}

function childEnv(preload: Preload, added: Readonly<Record<string, string | undefined>>): NodeJS.ProcessEnv {
  const inherited = Object.entries(process.env).filter(
    ([name]) => !/^(OTEL_|TRACELOG_|NODE_OPTIONS$|npm_|VITEST|NODE_ENV$|FORCE_COLOR$)/.test(name),
  )
  const env: NodeJS.ProcessEnv = { ...Object.fromEntries(inherited), ...added }
  if (preload === 'node-options') env['NODE_OPTIONS'] = `--import ${pathToFileURL(REGISTER).href}`
  return env
}

function watch(child: ChildProcess, started: number): RunningChild {
  let out = ''
  let err = ''
  const printed = new Set<() => void>()
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    out += text
    for (const look of printed) look()
  })
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (err += text))
  let exitedAt = 0
  child.once('exit', () => (exitedAt = performance.now()))
  const ended = once(child, 'close').then(([code, signal]): ChildEnd => ({
    code: code as number | null,
    signal: signal as NodeJS.Signals | null,
    stdout: out,
    stderr: err,
    tookMillis: exitedAt - started,
  }))
  return {
    process: child,
    stdout: () => out,
    stderr: () => err,
    kill: (signal) => void child.kill(signal),
    ended,
    prints: (text) =>
      new Promise((resolve, reject) => {
        const look = () => {
          if (!out.includes(text)) return
          printed.delete(look)
          resolve()
        }
        printed.add(look)
        look()
        void ended.then((end) =>
          reject(new Error(`ended (${end.code ?? end.signal}) before printing "${text}"\n${err}`)),
        )
      }),
  }
}
