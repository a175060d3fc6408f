/**
 * How much memory does the preload add: to a server that waits, and to one that has served? Resident memory of the whole process.
 *
 * Bare and preloaded processes take turns, a new one for each measurement: how much V8 has grown depends on the moments at which it
 * collected. Idle is after one request and a pause, for by then a worker has been started and what it started with is sent.
 */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

import { cleanEnv, contenders, type Contender } from './support/contenders.ts'
import { announce, median, table } from './support/figures.ts'
import { RawClient } from './support/raw-client.ts'
import { startSink } from './support/sink.ts'

const ROUNDS = 5
const REQUESTS = 20_000
const CONNECTIONS = 48
const PAUSE_MILLIS = 1_000
const program = fileURLToPath(new URL('programs/express-winston.cjs', import.meta.url))

interface Memory {
  readonly idle: number
  readonly loaded: number
  /** A while after the load. */
  readonly rested: number
}

const pause = () => new Promise((resolve) => setTimeout(resolve, PAUSE_MILLIS))

function residentMiB(pid: number): number {
  const kibi = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
  return Number(kibi) / 1024
}

async function measure({ nodeArgs, env }: Contender): Promise<Memory> {
  const child = fork(program, { execArgv: [...nodeArgs], env: cleanEnv(env) })
  const [port] = (await once(child, 'message')) as [number]
  const client = new RawClient({ port, path: '/items/1', connections: CONNECTIONS })
  await client.connect()
  await client.run(1)
  await pause()
  const idle = residentMiB(child.pid!)
  await client.run(REQUESTS)
  const loaded = residentMiB(child.pid!)
  await pause()
  const rested = residentMiB(child.pid!)
  child.kill('SIGKILL')
  await once(child, 'exit')
  return { idle, loaded, rested }
}

announce(`Memory: express + winston, MiB resident, idle and after ${REQUESTS} requests`)
const sink = await startSink()
const [bareNode, ours] = contenders(sink.url) as [Contender, Contender]
const all = [bareNode, ours]
const results = new Map(all.map(({ name }) => [name, [] as Memory[]]))
for (let round = 0; round < ROUNDS; round++) {
  for (const contender of all) results.get(contender.name)!.push(await measure(contender))
}
sink.stop()

const of = (name: string, key: keyof Memory): number => median(results.get(name)!.map((memory) => memory[key]))
const bare = bareNode.name
table(
  ['', 'idle', 'over bare', 'after load', 'over bare', 'a second later', 'over bare'],
  all.map(({ name }) => [
    name,
    ...(['idle', 'loaded', 'rested'] as const).flatMap((key) => [of(name, key), of(name, key) - of(bare, key)]),
  ]),
)
