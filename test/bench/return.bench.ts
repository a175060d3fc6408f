/**
 * What does it cost a server that it can return lines to callers: off, on and unused, refused, and while it returns them? And what does
 * a reader that stops cost the call, others, and memory?
 *
 * All processes run at once and take turns in slices. Goals (spec: return): the look at a grant costs less than 50 us, and only where the
 * header is; a stopped reader adds at most 5 % to the p99 of the call and 24 MiB. Run: npm run bench -- --only return [--seconds 20]
 */
import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { Agent, request } from 'node:http'
import { fileURLToPath, pathToFileURL } from 'node:url'

import { openStream, readStream } from '../support/return-client.ts'
import { cleanEnv } from './support/contenders.ts'
import { announce, median, percentile, table } from './support/figures.ts'
import { RawClient } from './support/raw-client.ts'
import { startSink } from './support/sink.ts'
import { measureSlices, type Subject } from './support/slices.ts'

const flag = process.argv.indexOf('--seconds')
const seconds = flag < 0 ? 20 : Number(process.argv[flag + 1])
const CONNECTIONS = 8
const REQUESTS = 400
const WARM_UP = 8_000
/** Calls of each kind that write 8 MB of lines. */
const FLOODS = 8
const program = fileURLToPath(new URL('programs/returning.cjs', import.meta.url))
const register = pathToFileURL(fileURLToPath(new URL('../../dist/register.cjs', import.meta.url))).href
/** Of the right form, and signed by nobody. */
const FORGED = `v1.${Buffer.from(JSON.stringify({ sub: 'ann', aud: '*', sid: 'A'.repeat(22), scopes: ['logs:all'], lvl: 9, iat: 1, exp: 2 })).toString('base64url')}.${'A'.repeat(43)}`

interface Served {
  readonly name: string
  readonly port: number
  readonly child: ChildProcess
}

const sink = await startSink()

async function serve(name: string, env?: Readonly<Record<string, string>>): Promise<Served> {
  const ours = {
    OTEL_EXPORTER_OTLP_ENDPOINT: sink.url,
    OTEL_SERVICE_NAME: 'bench',
    TRACELOG_RECORDER_LINGER_MS: '20',
    ...env,
  }
  const execArgv = env === undefined ? [] : ['--import', register]
  const child = fork(program, env === undefined ? [] : ['tracelog'], { execArgv, env: cleanEnv(ours) })
  const [port] = (await once(child, 'message')) as [number]
  return { name, port, child }
}

function get(
  port: number,
  path: string,
  { agent, grant }: { agent?: Agent; grant?: string | undefined },
): Promise<void> {
  const headers = grant === undefined ? {} : { 'tracelog-return': grant }
  return new Promise((resolve, reject) => {
    request({ port, host: '127.0.0.1', path, headers, ...(agent && { agent }) }, (response) => {
      response.resume().on('end', resolve)
    })
      .on('error', reject)
      .end()
  })
}

async function plain({ name, port, child }: Served, headers: readonly string[] = []): Promise<Subject> {
  const client = new RawClient({ port, path: '/work', connections: CONNECTIONS, headers })
  await client.connect()
  return { name, pids: [child.pid!], run: (requests) => client.run(requests) }
}

/** Opens a stream, reads it, calls, and reads it to its end. */
function streaming({ name, port, child }: Served): Subject {
  const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS })
  const base = `http://127.0.0.1:${port}`
  return {
    name,
    pids: [child.pid!],
    async run(requests) {
      let left = requests
      const connection = async (_: unknown, index: number): Promise<void> => {
        const who = `caller ${index}`
        while (left-- > 0) {
          const { url, grant } = await openStream(base, who)
          const read = await readStream(`${base}/${url}`, who)
          await get(port, '/work', { agent, grant })
          await read.ended
        }
      }
      await Promise.all(Array.from({ length: CONNECTIONS }, connection))
    },
  }
}

const on = { TRACELOG_RETURN: 'on' }
const served = {
  bare: await serve('bare node'),
  off: await serve('off', {}),
  unused: await serve('on, unused', on),
  refused: await serve('on, each call with a grant that is refused', on),
  streaming: await serve('on, a stream for each call', on),
}

announce('five winston lines per request: CPU per request')
const subjects = [
  await plain(served.bare),
  await plain(served.off),
  await plain(served.unused),
  await plain(served.refused, [`Tracelog-Return: ${FORGED}`]),
  streaming(served.streaming),
]
// Until V8 has compiled all: a stream takes longer, and its calls more code.
for (const [at, subject] of subjects.entries()) await subject.run(at === subjects.length - 1 ? WARM_UP / 5 : WARM_UP)
const figures = await measureSlices(subjects, { requests: REQUESTS, warmUp: 0, seconds })
const bare = median(figures[0]!.all)
table(
  ['', 'CPU us/request', 'main thread us', 'over bare us', 'bare / this'],
  figures.map(({ name, all, main }) => [name, median(all), median(main), median(all) - bare, bare / median(all)]),
)
const unused = figures[2]!.main
const refused = figures[3]!.main
console.log(
  `a grant that is refused costs ${(median(refused) - median(unused)).toFixed(1)} us of the main thread (goal: less than 50)`,
)

announce('a call that writes 8 MB of lines, and others meanwhile: how long they take')
const flooded = await serve('floods', { ...on, OTEL_LOGS_EXPORTER: 'none', OTEL_TRACES_EXPORTER: 'none' })
const base = `http://127.0.0.1:${flooded.port}`

interface Flood {
  readonly took: number[]
  readonly others: number[]
}

async function flood(kind: string, { took, others }: Flood): Promise<void> {
  let grant: string | undefined
  let release = (): Promise<unknown> => Promise.resolve()
  if (kind !== 'no stream') {
    const opened = await openStream(base, 'ann')
    const read = await readStream(`${base}/${opened.url}`, 'ann')
    if (kind === 'a reader that stops') read.answer.pause()
    grant = opened.grant
    release = () => {
      read.answer.resume()
      return read.ended
    }
  }
  const agent = new Agent({ keepAlive: true })
  const flooding = new AbortController()
  const bystander = async (): Promise<void> => {
    while (!flooding.signal.aborted) {
      const began = performance.now()
      await get(flooded.port, '/hello', { agent })
      others.push(performance.now() - began)
    }
  }
  const meanwhile = bystander()
  const began = performance.now()
  await get(flooded.port, '/flood?n=8000', { grant })
  took.push(performance.now() - began)
  flooding.abort()
  await meanwhile
  agent.destroy()
  await release()
}

const kinds = ['no stream', 'a reader', 'a reader that stops']
const taken = new Map(kinds.map((kind): [string, Flood] => [kind, { took: [], others: [] }]))
for (let warm = 0; warm < 2; warm++) await flood('no stream', { took: [], others: [] })
for (let round = 0; round < FLOODS; round++) {
  for (let turn = 0; turn < kinds.length; turn++) {
    const kind = kinds[(turn + round) % kinds.length] ?? ''
    await flood(kind, taken.get(kind)!)
  }
}
table(
  ['', 'the call ms', 'us/line', 'others p50 ms', 'others p99 ms'],
  kinds.map((kind) => {
    const { took, others } = taken.get(kind)!
    return [kind, median(took), median(took) / 8, median(others), percentile(others, 0.99)]
  }),
)
const [, reading, stopped] = kinds.map((kind) => taken.get(kind)!)
const inPairs = (share: (one: Flood) => number): string => (share(stopped!) / share(reading!)).toFixed(2)
console.log(
  `a reader that stops, against one that reads: the call ${inPairs(({ took }) => median(took))}, p99 of others ${inPairs(({ others }) => percentile(others, 0.99))}`,
)

announce('a call that writes 100 MB of lines while its reader stops: resident memory')
const full = await serve('memory', { ...on, OTEL_LOGS_EXPORTER: 'none', OTEL_TRACES_EXPORTER: 'none' })
const residentMiB = (): number =>
  Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${full.child.pid}/status`, 'utf8'))?.[1]) / 1024
await get(full.port, '/flood?n=20000', {})
const before = residentMiB()
const opened = await openStream(`http://127.0.0.1:${full.port}`, 'ann')
const read = await readStream(`http://127.0.0.1:${full.port}/${opened.url}`, 'ann')
read.answer.pause()
await get(full.port, '/flood?n=100000', { grant: opened.grant })
console.log(`${before.toFixed(1)} MiB at most before, ${(residentMiB() - before).toFixed(1)} more after (goal: 24)`)
read.close()
for (const { child } of [...Object.values(served), flooded, full]) child.kill('SIGKILL')
sink.stop()
