/**
 * The small real applications of test/apps: their processes, started as their package.json says, with the preload or without.
 *
 * They are copied into a folder in which their libraries and `@org/tracelog` are found as if they had been installed there.
 */
import { execFileSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

import { REGISTER, startChild, type RunningChild } from './child.ts'
import type { LibrarySet } from './libraries.ts'
import { freePorts } from './servers/free-port.ts'
import { listens } from './servers/server-process.ts'

const CHECKOUT = new URL('../..', import.meta.url).pathname
/** Looked at so often whether a process listens. Milliseconds. */
const LOOK_MILLIS = 20
/** For a start on a busy machine. Milliseconds. */
const START_MILLIS = 30_000
/** After a SIGTERM; then it is killed, and what it had not sent is missing. Milliseconds. */
const STOP_MILLIS = 15_000

export interface Application {
  /** Its folder in test/apps. */
  readonly folder: string
  /** Where its libraries are; `own`: in its folder, where it then runs. Default: `newest`. */
  readonly set?: LibrarySet | 'own'
  /** The scripts of its package.json that are started, in this order. */
  readonly scripts: readonly string[]
  /** What a script prints that does not listen, when it is ready. */
  readonly saysReady?: Readonly<Record<string, string>>
  /** Runs before its first start: what it needs built. */
  readonly build?: (folder: string) => void
}

export interface RunningApplication {
  /** Of a script: `http://127.0.0.1:<port>`. */
  url(script: string): string
  stdout(script: string): string
  stderr(script: string): string
  /** SIGTERM for all, the last started first; resolves when all have ended. */
  stop(): Promise<void>
}

export interface ApplicationStart {
  /** Without: bare Node. */
  readonly isPreloaded: boolean
  readonly env: Readonly<Record<string, string>>
}

export interface InstalledApplication {
  start(options: ApplicationStart): Promise<RunningApplication>
  /** Stops what still runs of it and removes its folder. */
  remove(): Promise<void>
}

export function installApplication(application: Application): InstalledApplication {
  const root = mkdtempSync(join(tmpdir(), `tracelog-app-`))
  const folder = application.set === 'own' ? sourceOf(application) : copyInto(root, application)
  application.build?.(folder)
  const children: RunningChild[] = []
  return {
    start: (options) => startAll({ application, folder, children }, options),
    async remove() {
      await stopAll(children)
      rmSync(root, { recursive: true, force: true })
    },
  }
}

/** Whether `npm install` was run in the folder of an application that has libraries of its own. */
export function isInstalled(folder: string): boolean {
  return existsSync(join(CHECKOUT, 'test/apps', folder, 'node_modules'))
}

function sourceOf({ folder }: Application): string {
  return join(CHECKOUT, 'test/apps', folder)
}

function copyInto(root: string, application: Application): string {
  const folder = join(root, application.folder)
  cpSync(sourceOf(application), folder, { recursive: true })
  const libraries = join(CHECKOUT, 'test/libraries', application.set ?? 'newest', 'node_modules')
  symlinkSync(libraries, join(folder, 'node_modules'))
  mkdirSync(join(root, 'node_modules/@org'), { recursive: true })
  symlinkSync(CHECKOUT, join(root, 'node_modules/@org/tracelog'))
  symlinkSync(join(CHECKOUT, 'node_modules/@types'), join(root, 'node_modules/@types'))
  return folder
}

/** `npm run build` of an application whose build is `tsc`. */
export function buildWithTypeScript(folder: string): void {
  execFileSync(process.execPath, [join(CHECKOUT, 'node_modules/typescript/bin/tsc'), '-p', folder], { stdio: 'pipe' })
}

interface Installed {
  readonly application: Application
  readonly folder: string
  /** All that were started of it. */
  readonly children: RunningChild[]
}

/** `npm run build` of an application of Next, where it has not been run. */
export function buildWithNext(folder: string): void {
  if (existsSync(join(folder, '.next/BUILD_ID'))) return
  const env = { ...process.env, NEXT_TELEMETRY_DISABLED: '1', NODE_ENV: 'production' }
  execFileSync(process.execPath, [join(folder, 'node_modules/.bin/next'), 'build'], { cwd: folder, env, stdio: 'pipe' })
}

async function startAll(
  { application, folder, children }: Installed,
  { isPreloaded, env }: ApplicationStart,
): Promise<RunningApplication> {
  const { scripts, saysReady = {} } = application
  const ports = new Map<string, number>()
  for (const [i, port] of (await freePorts(scripts.length)).entries()) ports.set(scripts[i]!, port)
  const urlOf = (script: string): string => `http://127.0.0.1:${ports.get(script)}`
  const urls = scripts.map((script) => [`${script.toUpperCase().replaceAll('-', '_')}_URL`, urlOf(script)])
  const running = new Map<string, RunningChild>()
  for (const script of scripts) {
    const [program, ...args] = commandOf(folder, script)
    const child = startChild(join(folder, program!), {
      preload: 'none',
      cwd: folder,
      nodeArgs: isPreloaded ? ['--import', preloadOf(application)] : [],
      args,
      env: {
        ...Object.fromEntries(urls),
        PORT: String(ports.get(script)),
        ...(scripts.length > 1 ? { OTEL_SERVICE_NAME: script === 'start' ? nameOf(folder) : script } : {}),
        ...env,
      },
    })
    children.push(child)
    running.set(script, child)
    const said = saysReady[script]
    await (said === undefined ? untilListening(ports.get(script)!, child) : child.prints(said))
  }
  return {
    url: urlOf,
    stdout: (script) => running.get(script)!.stdout(),
    stderr: (script) => running.get(script)!.stderr(),
    stop: () => stopAll([...running.values()]),
  }
}

/** One after the other: who asks goes before whom it asks. */
async function stopAll(children: readonly RunningChild[]): Promise<void> {
  for (const child of children.toReversed()) {
    child.kill('SIGTERM')
    const timer = setTimeout(() => child.kill('SIGKILL'), STOP_MILLIS)
    await child.ended
    clearTimeout(timer)
  }
}

interface PackageJson {
  readonly name: string
  readonly scripts: Readonly<Record<string, string>>
}

function packageJson(folder: string): PackageJson {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as PackageJson
}

function nameOf(folder: string): string {
  return packageJson(folder).name
}

/** As it is installed; where it is not, by its place. */
function preloadOf({ set }: Application): string {
  return set === 'own' ? pathToFileURL(REGISTER).href : '@org/tracelog/register'
}

/** What Node is to run for a script: `node src/server.js`, or a program of an installed package. */
function commandOf(folder: string, script: string): readonly string[] {
  const [program, ...args] = packageJson(folder).scripts[script]!.split(' ')
  return program === 'node' ? args : [join('node_modules/.bin', program!), ...args]
}

async function untilListening(port: number, child: RunningChild): Promise<void> {
  const deadline = performance.now() + START_MILLIS
  let hasEnded = false
  void child.ended.then(() => (hasEnded = true))
  while (!(await listens(port))) {
    if (hasEnded || performance.now() > deadline)
      throw new Error(`does not listen:\n${child.stdout()}\n${child.stderr()}`)
    await new Promise((resolve) => setTimeout(resolve, LOOK_MILLIS))
  }
}
