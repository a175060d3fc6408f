/**
 * How many requests/s does an express + winston application serve, and what CPU does each cost? One line logged per request.
 *
 * The load (keep-alive connections of this process) and the OTLP sink share the machine with the application, so the CPU
 * per request of the application's process is the steadier figure.
 */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { Agent, request } from 'node:http'
import { fileURLToPath } from 'node:url'

import { cleanEnv, contenders, installPeers, type Contender } from './support/contenders.ts'
import { announce, median, table } from './support/figures.ts'
import { startSink } from './support/sink.ts'

const ROUNDS = 5
const WARM_UP_REQUESTS = 3_000
const REQUESTS = 12_000
const CONNECTIONS = 16
const program = fileURLToPath(new URL('programs/express-winston.cjs', import.meta.url))

interface Usage {
  readonly served: number
  readonly cpuMicros: number
  readonly rss: number
}

function get(port: number, path: string, agent: Agent): Promise<string> {
  return new Promise((resolve, reject) => {
    request({ port, host: '127.0.0.1', path, agent }, (response) => {
      let text = ''
      response.setEncoding('utf8').on('data', (part: string) => (text += part))
      response.on('end', () => resolve(text))
    })
      .on('error', reject)
      .end()
  })
}

async function load(port: number, count: number, agent: Agent): Promise<void> {
  let left = count
  const connection = async () => {
    while (left-- > 0) await get(port, `/items/${left}`, agent)
  }
  await Promise.all(Array.from({ length: CONNECTIONS }, connection))
}

async function measure({ nodeArgs, env }: Contender) {
  const child = fork(program, { execArgv: [...nodeArgs], env: cleanEnv(env) })
  const [port] = (await once(child, 'message')) as [number]
  const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS })
  const usage = async () => JSON.parse(await get(port, '/usage', agent)) as Usage
  await load(port, WARM_UP_REQUESTS, agent)
  const before = await usage()
  const from = performance.now()
  await load(port, REQUESTS, agent)
  const seconds = (performance.now() - from) / 1000
  const after = await usage()
  agent.destroy()
  child.kill('SIGKILL')
  await once(child, 'exit')
  return {
    perSecond: REQUESTS / seconds,
    cpuMicros: (after.cpuMicros - before.cpuMicros) / REQUESTS,
    rssMiB: after.rss / 2 ** 20,
  }
}

installPeers()
announce('express + winston: requests/s and CPU per request')
const sink = await startSink()
const all = contenders(sink.url)
const results = new Map(all.map(({ name }) => [name, [] as Awaited<ReturnType<typeof measure>>[]]))
for (let round = 0; round < ROUNDS; round++) {
  for (const contender of all) results.get(contender.name)!.push(await measure(contender))
}
sink.stop()

const figures = all.map(({ name }) => {
  const of = (key: 'perSecond' | 'cpuMicros' | 'rssMiB') => median(results.get(name)!.map((result) => result[key]))
  return { name, perSecond: of('perSecond'), cpuMicros: of('cpuMicros'), rssMiB: of('rssMiB') }
})
const bare = figures[0]!
table(
  ['', 'requests/s', 'share of bare', 'CPU us/request', 'over bare us', 'RSS MiB'],
  figures.map(({ name, perSecond, cpuMicros, rssMiB }) => [
    name,
    perSecond,
    perSecond / bare.perSecond,
    cpuMicros,
    cpuMicros - bare.cpuMicros,
    rssMiB,
  ]),
)
