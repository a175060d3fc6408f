/**
 * What does the flight recorder cost an express + winston application, with 20 debug lines per request below the level, and without?
 *
 * All processes run at once and take turns in slices, so that a busy neighbour hits all alike. Goal (spec: recorder): with the lines kept,
 * 0.60 of bare; without debug lines as without the recorder. Run: node test/bench/recorder.bench.ts [--seconds 20]
 */
import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { Agent, request } from 'node:http'
import { fileURLToPath, pathToFileURL } from 'node:url'

import { cleanEnv } from './support/contenders.ts'
import { announce, median, table } from './support/figures.ts'
import { startSink } from './support/sink.ts'
import { measureSlices, type Subject } from './support/slices.ts'

const at = process.argv.indexOf('--seconds')
const seconds = at < 0 ? 20 : Number(process.argv[at + 1])
const CONNECTIONS = 8
const REQUESTS = 400
const program = fileURLToPath(new URL('programs/express-debug.cjs', import.meta.url))
const register = pathToFileURL(fileURLToPath(new URL('../../dist/register.cjs', import.meta.url))).href

interface Served {
  readonly name: string
  readonly port: number
  readonly child: ChildProcess
}

async function serve(name: string, recorder: string | undefined, endpoint: string): Promise<Served> {
  const execArgv = recorder === undefined ? [] : ['--import', register]
  const env = {
    OTEL_EXPORTER_OTLP_ENDPOINT: endpoint,
    OTEL_SERVICE_NAME: 'bench',
    TRACELOG_RECORDER: recorder ?? 'off',
  }
  const child = fork(program, { execArgv, env: cleanEnv(env) })
  const [port] = (await once(child, 'message')) as [number]
  return { name, port, child }
}

function get(port: number, path: string, agent: Agent): Promise<void> {
  return new Promise((resolve, reject) => {
    request({ port, host: '127.0.0.1', path, agent }, (response) => {
      response.resume().on('end', resolve)
    })
      .on('error', reject)
      .end()
  })
}

function subjectOf({ name, port, child }: Served, route: string): Subject {
  const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS })
  return {
    name,
    pids: [child.pid!],
    async run(requests) {
      let left = requests
      const connection = async (): Promise<void> => {
        while (left-- > 0) await get(port, `/${route}/${left}`, agent)
      }
      await Promise.all(Array.from({ length: CONNECTIONS }, connection))
    },
  }
}

const sink = await startSink()
const served = [
  await serve('bare node', undefined, sink.url),
  await serve('TRACELOG_RECORDER=off', 'off', sink.url),
  await serve('TRACELOG_RECORDER=on', 'on', sink.url),
  await serve('TRACELOG_RECORDER=auto', 'auto', sink.url),
]
for (const route of ['debug', 'plain']) {
  announce(`express + winston, ${route === 'debug' ? '20 debug lines' : 'no debug line'} per request: CPU per request`)
  const figures = await measureSlices(
    served.map((one) => subjectOf(one, route)),
    { requests: REQUESTS, warmUp: REQUESTS * 6, seconds },
  )
  const bare = median(figures[0]!.all)
  table(
    ['', 'CPU us/request', 'main thread us', 'bare / this'],
    figures.map(({ name, all, main }) => [name, median(all), median(main), bare / median(all)]),
  )
}
for (const { child } of served) child.kill('SIGKILL')
sink.stop()
