/**
 * How much of its bare throughput does a server keep: express + winston, fastify + pino, node:http alone, gRPC, a balancer before express
 * before redis?
 *
 * By slices (support/slices.ts). Options: `--workload express|fastify|hello|grpc|chain` (default: all), `--against DIR` (another build beside),
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
import { startSink } from './support/sink.ts'
import { oneServer, runSlices, type SliceRun } from './support/slice-run.ts'
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

const stops: (() => unknown)[] = []
const program = (name: string): string => fileURLToPath(new URL(`programs/${name}.cjs`, import.meta.url))

async function startChain({ nodeArgs, env }: Contender) {
  const folder = mkdtempSync(join(tmpdir(), 'tracelog-bench-'))
  const redis = await startRedis(folder)
  stops.push(() => redis.stop().then(() => rmSync(folder, { recursive: true })))
  const named = (name: string): Record<string, string> => ({ ...env, OTEL_SERVICE_NAME: name })
  const api = await startServer([...nodeArgs, program('chain-api')], { ...named('api'), REDIS_URL: redis.url })
  const target = { TARGET: `http://127.0.0.1:${api.port}` }
  return [api, await startServer([...nodeArgs, program('chain-balancer')], { ...named('balancer'), ...target })]
}

const WORKLOADS: Readonly<Record<string, SliceRun & { readonly title: string }>> = {
  express: {
    title: 'express + winston',
    load: { connections: 48, path: '/items/1' },
    slices: { requests: 960, warmUp: 10_000, seconds: 12 },
    unit: 'request',
    start: oneServer(program('express-winston')),
  },
  fastify: {
    title: 'fastify + pino',
    load: { connections: 48, path: '/items/1' },
    slices: { requests: 1440, warmUp: 15_000, seconds: 12 },
    unit: 'request',
    start: oneServer(program('fastify-pino')),
  },
  hello: {
    title: 'node:http hello',
    load: { connections: 48, path: '/' },
    slices: { requests: 1440, warmUp: 15_000, seconds: 8 },
    unit: 'request',
    start: oneServer(program('hello-server')),
  },
  grpc: {
    title: 'eight calls of grpc-js, client and server',
    load: { connections: 8, path: '/' },
    slices: { requests: 160, warmUp: 1_000, seconds: 12 },
    unit: 'request of eight calls',
    start: oneServer(program('grpc-calls')),
  },
  chain: {
    title: 'balancer -> express + winston -> redis',
    load: { connections: 32, path: '/items/1' },
    slices: { requests: 480, warmUp: 4_000, seconds: 14 },
    unit: 'request',
    start: startChain,
  },
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
  announce(`${workload!.title}: CPU of the servers against bare, interleaved slices`)
  await runSlices(workload!, variants, values.full)
  stopAll()
  for (const stop of stops.splice(0)) await stop()
}
sink.stop()
process.exit(0)
