/**
 * Are the libraries hooked that the application would load? A short program loads each copy under the preload, in this folder, with this
 * environment, and asks what became of it. It sends nothing.
 */
import type { Io } from '../io.ts'
import type { Check } from './check.ts'
import type { FoundLibrary } from './libraries.ts'
import { probeEnv, runProbe } from './probe.ts'

const NAME = 'hooks'

/** A library is asked for by its name, from where its copy lies: its `exports` may hide its files. */
const PROGRAM = `
const { createRequire } = require('node:module')
const { dirname, join } = require('node:path')
const { pathToFileURL } = require('node:url')
const unloaded = []
const load = async ({ name, path }) => {
  const load = createRequire(join(path.endsWith(join('node_modules', name)) ? path.slice(0, -join('node_modules', name).length) : path, '_.js'))
  try { return load(name) } catch (error) {
    if (error.code !== 'ERR_REQUIRE_ASYNC_MODULE' && error.code !== 'ERR_PACKAGE_PATH_NOT_EXPORTED') throw error
    return import(pathToFileURL(load.resolve(name)))
  }
}
const run = async () => {
  for (const copy of JSON.parse(process.argv[1])) {
    await load(copy).catch((error) => unloaded.push(copy.name + ' (' + String(error && error.message || error).split('\\n')[0] + ')'))
  }
  const engine = globalThis[Symbol.for('org.tracelog.v1')]
  require('node:fs').writeSync(3, JSON.stringify({ statuses: engine && engine.instrumentations(), unloaded }))
  process.exit()
}
run()`

interface Told {
  /** Absent where nothing was started. */
  readonly statuses?: readonly { readonly name: string; readonly status: string }[]
  readonly unloaded: readonly string[]
}

/** NODE_OPTIONS stays: what it loads, it loads before the preload. */
const LEFT_OUT = new Set(['OTEL_SERVICE_NAME', 'TRACELOG_FILE', 'TRACELOG_SPOOL_DIR'])
const SENDS_NOTHING = { OTEL_LOGS_EXPORTER: 'none', OTEL_TRACES_EXPORTER: 'none', TRACELOG_DEBUG: '1' }

/** None where there is nothing to load, or where the preload starts nothing. */
export async function checkHooks(
  { cwd, env }: Pick<Io, 'cwd' | 'env'>,
  found: readonly FoundLibrary[],
): Promise<Check[]> {
  const tried = found.filter(({ library, mayBeHooked }) => mayBeHooked && library.instrumentation !== undefined)
  if (tried.length === 0) return []
  const { told, words } = await runProbe<Told>({
    cwd,
    env: { ...probeEnv(env, LEFT_OUT), ...SENDS_NOTHING },
    program: PROGRAM,
    input: JSON.stringify(tried.map(({ copy: { name, path } }) => ({ name, path }))),
  })
  if (told === undefined) {
    return [{ name: NAME, status: 'note', message: `not tried: a program that loads the libraries ended early` }]
  }
  return told.statuses === undefined ? [] : checksOf(tried, told, words)
}

function checksOf(
  tried: readonly FoundLibrary[],
  { statuses = [], unloaded }: Told,
  words: readonly string[],
): Check[] {
  const statusOf = new Map(statuses.map(({ name, status }) => [name, status]))
  const isUnloaded = (name: string) => unloaded.some((each) => each.startsWith(`${name} (`))
  const packagesOf = (isThat: (status: string | undefined, found: FoundLibrary) => boolean) => {
    const those = tried.filter((each) => isThat(statusOf.get(each.library.instrumentation ?? ''), each))
    return [...new Set(those.map(({ copy }) => copy.name))].filter((name) => !isUnloaded(name))
  }
  const unhooked = packagesOf((status, each) => status === 'failed' || (status === 'waiting' && !isHeard(status, each)))
  const reasons = words.filter((line) => line.includes('could not attach to')).join(' ')
  return [
    ...check('ok', 'loaded under the preload, and hooked:', packagesOf(isHeard)),
    ...check('warn', 'loaded under the preload, but not hooked:', unhooked).map((each): Check =>
      reasons === '' ? each : { ...each, hint: reasons },
    ),
    ...check(
      'note',
      'switched off here:',
      packagesOf((status) => status === undefined),
    ),
    ...check('note', 'could not be loaded alone:', unloaded),
    ...check(
      'warn',
      'loaded before the preload (NODE_OPTIONS); what is done with them until then is not heard:',
      earlyOnes(words),
    ),
  ]
}

/** What publishes is heard when it does. */
function isHeard(status: string | undefined, { library }: FoundLibrary): boolean {
  return status === 'active' || (status === 'waiting' && library.publishesFrom !== undefined)
}

function check(status: Check['status'], title: string, names: readonly string[]): Check[] {
  return names.length === 0 ? [] : [{ name: NAME, status, message: `${title} ${names.join(', ')}` }]
}

/** As the preload's line of TRACELOG_DEBUG tells it. */
function earlyOnes(words: readonly string[]): readonly string[] {
  const line = words.find((each) => each.includes('"loaded_before":')) ?? ''
  const list = /"loaded_before":(\[[^\]]*\])/.exec(line)?.[1] ?? '[]'
  return JSON.parse(list) as string[]
}
