/**
 * Is this a process that the preload was not meant for? NODE_OPTIONS reaches every Node below it: package managers, compilers, ourselves.
 */
import { basename, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** In `workerData` of our own worker threads. */
const OWN_WORKER_MARK = 'org.tracelog.worker'

/** Programs that run others: what they start is the application, not they. */
const PACKAGE_MANAGERS = new Set(['npm', 'npx', 'pnpm', 'pnpx', 'yarn', 'yarnpkg', 'corepack', 'node-gyp', 'tsc'])
/** pm2's daemon and its commands. The processes that it keeps begin in others of its files (ProcessContainer). */
const PM2 = /[\\/]node_modules[\\/](?:pm2[\\/](?:lib[\\/]Daemon\.js|bin[\\/]pm2(?:-\w+)?)|\.bin[\\/]pm2(?:-\w+)?)$/

/** pino's transports run in threads that carry no lines of the application's code. */
const LOGGER_THREAD = /[\\/]node_modules[\\/]thread-stream[\\/]/

export type Bystander = 'package manager' | 'process manager' | 'tracelog itself' | 'own worker' | 'foreign thread'

/**
 * Why nothing is to be started here, or `undefined` when this thread runs code of the application.
 *
 * @param entry  the entry script's path (`process.argv[1]`); `undefined` for `node -e` and the REPL
 */
export function bystanderOf(entry: string | undefined): Bystander | undefined {
  const thread = workerThread()
  if (thread !== undefined) {
    if (isOwnWorker(thread.workerData)) return 'own worker'
    return thread.isInternalThread === true || LOGGER_THREAD.test(entry ?? '') ? 'foreign thread' : undefined
  }
  if (entry === undefined) return undefined
  if (isOwnCli(entry)) return 'tracelog itself'
  if (PM2.test(entry)) return 'process manager'
  return isPackageManager(entry) ? 'package manager' : undefined
}

/** `undefined` on the main thread. Node loads this module in every other one itself; there it costs 1.3 ms and answers nothing new. */
function workerThread(): { readonly workerData: unknown; readonly isInternalThread?: boolean } | undefined {
  const { moduleLoadList } = process as { moduleLoadList?: unknown }
  if (Array.isArray(moduleLoadList) && !moduleLoadList.includes('NativeModule worker_threads')) return undefined
  const threads = process.getBuiltinModule('node:worker_threads')
  return threads.isMainThread ? undefined : threads
}

/** Whether this is a thread that the application has made. */
export function isThread(): boolean {
  return workerThread() !== undefined
}

function isOwnWorker(data: unknown): boolean {
  return typeof data === 'object' && data !== null && OWN_WORKER_MARK in data
}

/** Our bin, by its link in node_modules/.bin or by its file beside this bundle. */
function isOwnCli(entry: string): boolean {
  return basename(entry) === 'tracelog' || entry === join(fileURLToPath(new URL('.', import.meta.url)), 'cli.js')
}

/** npm-cli.js, npx-cli.js, pnpm.cjs, yarn.js, corepack.js, typescript/bin/tsc ... or a link of that name. */
function isPackageManager(entry: string): boolean {
  const name = basename(entry)
    .replace(/\.[cm]?js$/, '')
    .replace(/-(?:cli|\d[\w.-]*)$/, '')
  if (!PACKAGE_MANAGERS.has(name)) return false
  const folder = basename(dirname(entry))
  return (
    folder === 'bin' ||
    folder === '.bin' ||
    folder === 'dist' ||
    folder === 'releases' ||
    /[\\/]node_modules[\\/]/.test(entry)
  )
}
