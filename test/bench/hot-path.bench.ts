/**
 * How much of its bare throughput does a server keep: express + winston, node:http alone, a balancer before express before redis?
 *
 * By slices (support/slices.ts). Options: `--workload express|hello|chain` (default: all), `--against DIR` (another build beside),
 * `--peers` (a lean SDK by hand and dd-trace beside), `--full` (four times as long).
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'

import { startRedis } from '../support/servers/redis.ts'
import type { Contender } from './support/contenders.ts'
import { announce } from './support/figures.ts'
import { pinSelf, startServer, stopAll } from './support/pinned.ts'
import { RawClient } from './support/raw-client.ts'
import { startSink } from './support/sink.ts'
import { measureSlices, printSlices, type SliceOptions, type Subject } from './support/slices.ts'
import { hasThreadsCpu } from './support/threads-cpu.ts'
import { variantsOf } from './support/variants.ts'

const { values } = parseArgs({
  options: {
    workload: { type: 'string' },
    against: { type: 'string' },
    peers: { type: 'boolean', default: false },
    full: { type: 'boolean', default: false },
  },
})

interface Workload {
  readonly title: string
  readonly connections: number
  readonly path: string
  readonly slices: SliceOptions
  /** The last one is asked. */
  readonly start: (variant: Contender) => Promise<readonly { pid: number; port: number }[]>
}

const stops: (() => unknown)[] = [stopAll]
const program = (name: string): string => fileURLToPath(new URL(`programs/${name}.cjs`, import.meta.url))
const one =
  (name: string) =>
  async ({ nodeArgs, env }: Contender) => [await startServer([...nodeArgs, program(name)], env)]

async function startChain({ nodeArgs, env }: Contender) {
  const folder = mkdtempSync(join(tmpdir(), 'tracelog-bench-'))
  const redis = await startRedis(folder)
  stops.push(() => redis.stop().then(() => rmSync(folder, { recursive: true })))
  const named = (name: string): Record<string, string> => ({ ...env, OTEL_SERVICE_NAME: name })
  const api = await startServer([...nodeArgs, program('chain-api')], { ...named('api'), REDIS_URL: redis.url })
  const target = { TARGET: `http://127.0.0.1:${api.port}` }
  return [api, await startServer([...nodeArgs, program('chain-balancer')], { ...named('balancer'), ...target })]
}

const WORKLOADS: Readonly<Record<string, Workload>> = {
  express: {
    title: 'express + winston',
    connections: 48,
    path: '/items/1',
    slices: { requests: 960, warmUp: 10_000, seconds: 12 },
    start: one('express-winston'),
  },
  hello: {
    title: 'node:http hello',
    connections: 48,
    path: '/',
    slices: { requests: 1440, warmUp: 15_000, seconds: 8 },
    start: one('hello-server'),
  },
  chain: {
    title: 'balancer -> express + winston -> redis',
    connections: 32,
    path: '/items/1',
    slices: { requests: 480, warmUp: 4_000, seconds: 14 },
    start: startChain,
  },
}

async function subjectOf(variant: Contender, workload: Workload): Promise<Subject> {
  const servers = await workload.start(variant)
  const { connections, path } = workload
  const client = new RawClient({ port: servers.at(-1)!.port, path, connections })
  await client.connect()
  return { name: variant.name, pids: servers.map(({ pid }) => pid), run: (requests) => client.run(requests) }
}

async function measure(workload: Workload, variants: readonly Contender[]): Promise<void> {
  announce(`${workload.title}: CPU of the servers against bare, interleaved slices`)
  const subjects: Subject[] = []
  for (const variant of variants) subjects.push(await subjectOf(variant, workload))
  const { slices } = workload
  const longer = values.full ? { warmUp: slices.warmUp * 3, seconds: slices.seconds * 4 } : {}
  printSlices(await measureSlices(subjects, { ...slices, ...longer }), 'request')
}

const chosen = values.workload === undefined ? Object.values(WORKLOADS) : [WORKLOADS[values.workload]]
if (chosen.includes(undefined)) {
  console.error(`--workload is "${values.workload}", but must be one of ${Object.keys(WORKLOADS).join(', ')}`)
  process.exit(2)
}
if (!hasThreadsCpu) {
  console.log('hot-path is left out: only Linux tells the CPU of each thread')
  process.exit(0)
}
pinSelf()
const sink = await startSink()
const variants = variantsOf({ endpoint: sink.url, against: values.against, peers: values.peers })
for (const workload of chosen) {
  await measure(workload!, variants)
  for (const stop of stops.splice(1)) await stop()
  stopAll()
}
sink.stop()
process.exit(0)
