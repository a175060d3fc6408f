/**
 * What does an HTTP server hop cost the main thread, with its span, its completion record, their encoding and export?
 *
 * A hello server, 16 keep-alive connections, `traceparent` in. Rounds of all contenders in turn, so that a noisy moment hits
 * all of them. Goal (spec, pipeline): at most 15 us over bare Node.
 */
import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { Agent, get } from 'node:http'
import { fileURLToPath } from 'node:url'

import { cleanEnv, contenders } from './support/contenders.ts'
import { announce, median, table } from './support/figures.ts'
import { startSink } from './support/sink.ts'

const ROUNDS = 7
const REQUESTS = 6_000
const CONNECTIONS = 16
const TRACEPARENT = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'

announce('What does an HTTP server hop cost the main thread?')
const sink = await startSink()
const [bare, ours] = contenders(sink.url)
const runs = [
  { name: 'bare node', of: bare!, env: {} },
  { name: 'tracelog, engine channels', of: ours!, env: {} },
  { name: 'tracelog, without completion record', of: ours!, env: { TRACELOG_ACCESS: 'off' } },
  { name: 'tracelog, engine otel', of: ours!, env: { TRACELOG_HTTP_ENGINE: 'otel' } },
]
const servers = await Promise.all(
  runs.map(async ({ name, of, env }) => {
    const child = fork(fileURLToPath(new URL('programs/hello-server.cjs', import.meta.url)), {
      execArgv: [...of.nodeArgs],
      env: cleanEnv({ ...of.env, ...env }),
    })
    const [port] = (await once(child, 'message')) as [number]
    return { name, child, port, micros: [] as number[] }
  }),
)
for (const { port } of servers) await load(port)
for (let round = 0; round < ROUNDS; round += 1) {
  for (const { port, micros } of servers) {
    const before = Number(await text(port, '/health/cpu'))
    await load(port)
    micros.push((Number(await text(port, '/health/cpu')) - before) / REQUESTS)
  }
}
const base = median(servers[0]!.micros)
table(
  ['', 'CPU us/request', 'over bare us', 'least over bare us'],
  servers.map(({ name, micros }) => [
    name,
    median(micros),
    median(micros) - base,
    Math.min(...micros) - Math.min(...servers[0]!.micros),
  ]),
)
for (const { child } of servers) stop(child)
sink.stop()

function stop(child: ChildProcess): void {
  child.disconnect()
  child.kill('SIGKILL')
}

async function load(port: number): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS })
  let left = REQUESTS
  await Promise.all(
    Array.from({ length: CONNECTIONS }, async () => {
      while (left-- > 0) await text(port, '/hello', agent)
    }),
  )
  agent.destroy()
}

function text(port: number, path: string, agent?: Agent): Promise<string> {
  return new Promise((resolve, reject) => {
    const request = get({
      host: '127.0.0.1',
      port,
      path,
      headers: { traceparent: TRACEPARENT },
      ...(agent && { agent }),
    })
    request.once('error', reject)
    request.once('response', (response) => {
      let all = ''
      response.setEncoding('utf8')
      response.on('data', (chunk: string) => (all += chunk))
      response.on('end', () => resolve(all))
    })
  })
}
