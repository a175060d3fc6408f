/**
 * How much longer does a process take that ends with 10,000 records pending, than one that exports none? The goal is
 * 300 ms (at most) over bare Node, for each way to end. Wall time of the whole process.
 */
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

import { cleanEnv, contenders, installPeers } from './support/contenders.ts'
import { announce, median, table } from './support/figures.ts'
import { startSink } from './support/sink.ts'

const ROUNDS = 11
const PENDING = 10_000
const ENDS = ['natural', 'exit3', 'SIGTERM']
const program = fileURLToPath(new URL('../fixtures/ends/end.cjs', import.meta.url))

installPeers()
announce(`The end of a process with ${PENDING} records pending: wall time, ms`)
const sink = await startSink()
const [bare, ours] = contenders(sink.url)
const rows = ENDS.map((end) => {
  const times = { bare: [] as number[], idle: [] as number[], pending: [] as number[] }
  for (let round = 0; round < ROUNDS; round++) {
    times.bare.push(run(bare!, end, PENDING))
    times.idle.push(run(ours!, end, 0))
    times.pending.push(run(ours!, end, PENDING))
  }
  return [
    end,
    median(times.bare),
    median(times.idle),
    median(times.pending),
    median(times.pending) - median(times.bare),
  ]
})
sink.stop()
table(['', 'bare node', 'no record', 'all pending', 'over bare'], rows)

function run({ nodeArgs, env }: ReturnType<typeof contenders>[number], end: string, count: number): number {
  const from = performance.now()
  spawnSync(process.execPath, [...nodeArgs, program, end, 'none', 'bench', String(count)], {
    env: cleanEnv(env),
    stdio: 'ignore',
  })
  return performance.now() - from
}
