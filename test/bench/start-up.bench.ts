/**
 * What does the preload add to the start of a process that does nothing? Wall time of the whole process; CPU of all its
 * threads, which a busy machine changes less, and the modules of Node that are loaded, both at the application's first line.
 *
 * Each way in has its own base, an empty file loaded the same way: `--import` alone makes Node start its loader of ES modules.
 */
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

import { REGISTER } from '../support/child.ts'
import { copyDist } from '../support/dist-copy.ts'
import { cleanEnv, contenders, installPeers } from './support/contenders.ts'
import { announce, median, table } from './support/figures.ts'

const ROUNDS = 21
const empty = fileURLToPath(new URL('programs/empty.cjs', import.meta.url))
const program = fileURLToPath(new URL('programs/first-line.cjs', import.meta.url))

installPeers()
announce('Start-up: a process that does nothing')
// Nothing is exported by an empty process, so nothing needs to listen there.
const [, ours, ...peers] = contenders('http://127.0.0.1:9')
const copy = copyDist()
execFileSync(process.execPath, [join(copy.dist, 'cli.js'), 'precompile'])
const compileCache = mkdtempSync(join(tmpdir(), 'tracelog-compile-cache-'))
const byRequire = 'an empty file by --require'
const byImport = 'an empty file by --import'
const all = [
  { name: byRequire, base: byRequire, nodeArgs: ['--require', empty], env: {} },
  { name: 'register by --require', base: byRequire, nodeArgs: ['--require', REGISTER], env: ours!.env },
  {
    name: 'the same after tracelog precompile',
    base: byRequire,
    nodeArgs: ['--require', join(copy.dist, 'register.cjs')],
    env: ours!.env,
  },
  {
    name: 'the same with NODE_COMPILE_CACHE instead',
    base: byRequire,
    nodeArgs: ['--require', REGISTER],
    env: { ...ours!.env, NODE_COMPILE_CACHE: compileCache },
  },
  { name: byImport, base: byImport, nodeArgs: ['--import', pathToFileURL(empty).href], env: {} },
  { name: 'register by --import', base: byImport, nodeArgs: ours!.nodeArgs, env: ours!.env },
  ...peers.map((peer) => ({ ...peer, base: byRequire })),
]
type Started = (typeof all)[number]

interface Cost {
  readonly cpuMillis: number
  readonly modules: number
  readonly wallMillis: number
}

function run({ name, nodeArgs, env }: Started): Cost {
  const from = performance.now()
  const { status, stdout } = spawnSync(process.execPath, [...nodeArgs, program], {
    env: cleanEnv(env),
    encoding: 'utf8',
  })
  if (status !== 0) throw new Error(`${name}: exit code ${status}`)
  return { ...(JSON.parse(stdout) as Omit<Cost, 'wallMillis'>), wallMillis: performance.now() - from }
}

const costs = new Map(all.map(({ name }) => [name, [] as Cost[]]))
for (let round = -1; round < ROUNDS; round++) {
  for (const started of all) {
    const cost = run(started)
    if (round >= 0) costs.get(started.name)!.push(cost)
  }
}
const middle = (name: string, key: keyof Cost): number => median(costs.get(name)!.map((cost) => cost[key]))
const least = (name: string, key: keyof Cost): number => Math.min(...costs.get(name)!.map((cost) => cost[key]))
table(
  ['', 'wall ms', 'over base', 'CPU ms', 'over base', 'least over base', "Node's modules"],
  all.map(({ name, base }) => [
    name,
    middle(name, 'wallMillis'),
    middle(name, 'wallMillis') - middle(base, 'wallMillis'),
    middle(name, 'cpuMillis'),
    middle(name, 'cpuMillis') - middle(base, 'cpuMillis'),
    least(name, 'cpuMillis') - least(base, 'cpuMillis'),
    String(middle(name, 'modules')),
  ]),
)
copy.remove()
rmSync(compileCache, { recursive: true, force: true })
