/**
 * What does the preload add to the start of a process that does nothing? Whole-process wall time.
 */
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

import { cleanEnv, contenders, installPeers } from './support/contenders.ts'
import { announce, median, table } from './support/figures.ts'

const ROUNDS = 21
const program = fileURLToPath(new URL('programs/empty.cjs', import.meta.url))

installPeers()
announce('Start-up: an empty process, wall time')
// Nothing is exported by an empty process, so nothing needs to listen there.
const all = contenders('http://127.0.0.1:9')
const times = new Map(all.map(({ name }) => [name, [] as number[]]))
for (let round = -1; round < ROUNDS; round++) {
  for (const { name, nodeArgs, env } of all) {
    const from = performance.now()
    const { status } = spawnSync(process.execPath, [...nodeArgs, program], { env: cleanEnv(env), stdio: 'ignore' })
    if (status !== 0) throw new Error(`${name}: exit code ${status}`)
    if (round >= 0) times.get(name)!.push(performance.now() - from)
  }
}
const bare = median(times.get('bare node')!)
table(
  ['', 'median ms', 'over bare ms'],
  all.map(({ name }) => [name, median(times.get(name)!), median(times.get(name)!) - bare]),
)
