/**
 * What does measuring cost a server, by each exporter of metrics, beside what its hops cost?
 *
 * A hello server, whose every request is a span, a completion record and a measurement. Ours with OTEL_METRICS_EXPORTER=none is what the
 * others are compared with. All variants side by side, in slices. Run: node test/bench/metrics.bench.ts
 */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { Agent, get } from 'node:http'
import { fileURLToPath } from 'node:url'

import { cleanEnv, contenders } from './support/contenders.ts'
import { announce } from './support/figures.ts'
import { startSink } from './support/sink.ts'
import { measureSlices, printSlices } from './support/slices.ts'

const CONNECTIONS = 16
const SLICE = { requests: 400, warmUp: 4_000, seconds: 20 }
const EXPORTERS = ['none', 'otlp', 'prometheus'] as const

announce('What does measuring cost a server, beside its hops?')
const sink = await startSink()
const ours = contenders(sink.url)[1]!
const servers = await Promise.all(
  EXPORTERS.map(async (exporter) => {
    const child = fork(fileURLToPath(new URL('programs/hello-server.cjs', import.meta.url)), {
      execArgv: [...ours.nodeArgs],
      env: cleanEnv({ ...ours.env, OTEL_METRICS_EXPORTER: exporter, OTEL_EXPORTER_PROMETHEUS_PORT: '0' }),
    })
    const [port] = (await once(child, 'message')) as [number]
    return { name: `metrics: ${exporter}`, pids: [child.pid!], run: (count: number) => load(port, count), child }
  }),
)
printSlices(await measureSlices(servers, SLICE), 'request')
for (const { child } of servers) {
  child.disconnect()
  child.kill('SIGKILL')
}
sink.stop()

async function load(port: number, count: number): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS })
  let left = count
  const ask = async (): Promise<void> => {
    while (left-- > 0) {
      const { promise, resolve, reject } = Promise.withResolvers<void>()
      get({ host: '127.0.0.1', port, path: '/hello', agent }, (response) => {
        response.resume().on('end', resolve)
      }).on('error', reject)
      await promise
    }
  }
  await Promise.all(Array.from({ length: CONNECTIONS }, ask))
  agent.destroy()
}
