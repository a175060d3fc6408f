/**
 * What does one winston call cost the main thread: an enabled `info` and a disabled `debug`, five fields each?
 */
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

import { cleanEnv, contenders, installPeers } from './support/contenders.ts'
import { announce, median, table } from './support/figures.ts'
import { startSink } from './support/sink.ts'

const ROUNDS = 5
const CALLS = 50_000
const program = fileURLToPath(new URL('programs/winston-calls.cjs', import.meta.url))

installPeers()
announce('A winston call with five fields: CPU of the main thread, ns')
const sink = await startSink()
const all = contenders(sink.url)
const results = new Map(all.map(({ name }) => [name, { info: [] as number[], debug: [] as number[] }]))
for (let round = 0; round < ROUNDS; round++) {
  for (const { name, nodeArgs, env } of all) {
    const done = spawnSync(process.execPath, [...nodeArgs, program, String(CALLS)], {
      env: cleanEnv(env),
      encoding: 'utf8',
    })
    const { info, debug } = JSON.parse(done.stdout) as { info: number; debug: number }
    results.get(name)!.info.push(info)
    results.get(name)!.debug.push(debug)
  }
}
sink.stop()

const bare = results.get('bare node')!
table(
  ['', 'info', 'over bare', 'disabled debug', 'over bare'],
  all.map(({ name }) => {
    const { info, debug } = results.get(name)!
    return [name, median(info), median(info) - median(bare.info), median(debug), median(debug) - median(bare.debug)]
  }),
)
