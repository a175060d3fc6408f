/**
 * What does one winston call cost: an enabled `info` with five fields, a `debug` that nobody takes?
 *
 * First in a hot loop, CPU of the main thread. Then as servers have it, in requests that log 100 lines each, 20,000 lines/s: CPU of
 * all threads, by slices. A loop keeps code and data in the caches, which hides half of what a call costs there.
 * Options: `--against DIR`, `--peers`, `--full` (support/variants.ts), `--pieces` (only the second part).
 */
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'

import { cleanEnv, contenders, installPeers } from './support/contenders.ts'
import { announce, median, table } from './support/figures.ts'
import { pinSelf, stopAll } from './support/pinned.ts'
import { startSink } from './support/sink.ts'
import { oneServer, runSlices } from './support/slice-run.ts'
import { hasThreadsCpu } from './support/threads-cpu.ts'
import { variantsOf } from './support/variants.ts'

const ROUNDS = 5
const CALLS = 50_000
const LINES_PER_REQUEST = 100
const DEBUGS_PER_REQUEST = 10_000
/** Of 100 lines each: 20,000/s. */
const PACE_MILLIS = 5

const { values } = parseArgs({
  options: {
    against: { type: 'string' },
    peers: { type: 'boolean', default: false },
    full: { type: 'boolean', default: false },
    pieces: { type: 'boolean', default: false },
  },
})
const programOf = (name: string): string => fileURLToPath(new URL(`programs/${name}.cjs`, import.meta.url))
const sink = await startSink()

function measureLoop(): void {
  installPeers()
  announce('A winston call with five fields in a hot loop: CPU of the main thread, ns')
  const all = contenders(sink.url)
  const results = new Map(all.map(({ name }) => [name, { info: [] as number[], debug: [] as number[] }]))
  for (let round = 0; round < ROUNDS; round++) {
    for (const { name, nodeArgs, env } of all) {
      const done = spawnSync(process.execPath, [...nodeArgs, programOf('winston-calls'), String(CALLS)], {
        env: cleanEnv(env),
        encoding: 'utf8',
      })
      const { info, debug } = JSON.parse(done.stdout) as { info: number; debug: number }
      results.get(name)!.info.push(info)
      results.get(name)!.debug.push(debug)
    }
  }
  const bare = results.get('bare node')!
  table(
    ['', 'info', 'over bare', 'disabled debug', 'over bare'],
    all.map(({ name }) => {
      const { info, debug } = results.get(name)!
      return [name, median(info), median(info) - median(bare.info), median(debug), median(debug) - median(bare.debug)]
    }),
  )
}

async function measurePieces(): Promise<void> {
  pinSelf()
  const variants = variantsOf({ endpoint: sink.url, against: values.against, peers: values.peers })
  const start = oneServer(programOf('winston-pieces'))
  announce('winston.info with five fields at 20,000/s in pieces of 100, in the requests of a server')
  await runSlices(
    {
      load: { connections: 1, path: '/lines', paceMillis: PACE_MILLIS },
      slices: { requests: 60, warmUp: 600, seconds: 12, unitsPerRequest: LINES_PER_REQUEST },
      unit: 'line, its share of the request included',
      start,
    },
    variants,
    values.full,
  )
  stopAll()
  announce('debug that nobody takes, in the requests of a server')
  await runSlices(
    {
      load: { connections: 1, path: '/off' },
      slices: { requests: 4, warmUp: 40, seconds: 3, unitsPerRequest: DEBUGS_PER_REQUEST },
      unit: 'call',
      start,
    },
    variants,
    values.full,
  )
  stopAll()
}

if (!values.pieces) measureLoop()
if (hasThreadsCpu) await measurePieces()
sink.stop()
process.exit(0)
