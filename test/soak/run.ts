/**
 * Does a server with the flight recorder keep its memory, its debug lines and its records over a long time?
 *
 * `npm run soak`: 30 minutes at 500 requests/s, 20 debug lines each, of which 1 % fail, each kind of failure seldom enough to be dumped.
 * `-- --minutes 2 --rate 200 --fail 5` for others; `--max-rise 10`: how many MiB the line through resident memory may rise from a third of
 * the time on (at most five minutes) to the end. Its young generation has a fixed size: V8 lets it grow to 128 MiB of garbage as soon as
 * anything outlives a collection of it, which takes minutes and looks like a leak (test/app/recorder-memory.test.ts). Ends with 1 when it rises more, when a record is lost, or when a failure has no dump.
 */
import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { Agent, request } from 'node:http'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { parseArgs } from 'node:util'

import type { PipelineStats } from '../../src/export/pipeline-stats.ts'
import type { RecorderStats } from '../../src/model/recorder-stats.ts'
import { cleanEnv } from '../bench/support/contenders.ts'
import { announce } from '../bench/support/figures.ts'
import { startSink } from '../bench/support/sink.ts'
import { settled, slopeOf, type Sample } from './slope.ts'

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '30' },
    rate: { type: 'string', default: '500' },
    fail: { type: 'string', default: '1' },
    'max-rise': { type: 'string', default: '10' },
    recorder: { type: 'string', default: 'on' },
  },
})
const minutes = Number(values.minutes)
const perSecond = Number(values.rate)
const failEvery = Math.round(100 / Number(values.fail))
const MIB = 2 ** 20
const TICK_MILLIS = 20
const CONNECTIONS = 64
/** Of failures that are alike five a minute are dumped: so many kinds that none comes as often. */
const KINDS = Math.max(100, Math.ceil((perSecond / failEvery) * 60))
/** Between two readings of its numbers. Milliseconds. */
const READ_MILLIS = Math.min(10_000, (minutes * 60_000) / 12)

interface Report {
  readonly asked: string
  readonly memory: NodeJS.MemoryUsage
  readonly recorder: RecorderStats
  readonly pipeline: PipelineStats
  readonly lateMillis: { readonly p99: number; readonly max: number }
}

interface Sent {
  good: number
  failed: number
  /** Answers that were not those that were expected, or none. */
  wrong: number
}

async function ask(child: ChildProcess, what: 'stats' | 'flush'): Promise<Report> {
  child.send(what)
  for (;;) {
    const [report] = (await once(child, 'message')) as [Report]
    if (report.asked === what) return report
  }
}

/** Letters: digits make no kind. */
function kindOf(n: number): string {
  return String(n % KINDS).replace(/\d/g, (digit) => 'abcdefghij'[Number(digit)]!)
}

function get(port: number, agent: Agent, path: string): Promise<number | undefined> {
  return new Promise((resolve) => {
    request({ port, host: '127.0.0.1', path, agent }, (response) => {
      response.resume().on('end', () => resolve(response.statusCode))
    })
      .on('error', () => resolve(undefined))
      .end()
  })
}

/** As many as are due by the clock, whether the others are answered or not. */
async function load(port: number, until: number, sent: Sent): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS })
  const from = performance.now()
  const open = new Set<Promise<void>>()
  for (let asked = 0; performance.now() < until;) {
    const due = ((performance.now() - from) / 1_000) * perSecond
    for (; asked < due; asked++) {
      const fails = asked % failEvery === failEvery - 1
      const path = fails ? `/fail/${kindOf(Math.floor(asked / failEvery))}` : `/items/${asked % 1_000}`
      const answered = get(port, agent, path).then((status) => {
        if (status !== (fails ? 500 : 200)) sent.wrong++
        else if (fails) sent.failed++
        else sent.good++
        open.delete(answered)
      })
      open.add(answered)
    }
    await new Promise((resolve) => setTimeout(resolve, TICK_MILLIS))
  }
  await Promise.all(open)
  agent.destroy()
}

function print(at: number, { memory, recorder, pipeline, lateMillis }: Report, { good, failed }: Sent): void {
  const { kept, dumped, evicted, suppressed, lingering, share } = recorder
  console.log(
    [
      `${at.toFixed(1).padStart(5)} min`,
      `${good + failed} requests, ${failed} failed`,
      `rss ${(memory.rss / MIB).toFixed(1)} MiB, heap ${(memory.heapUsed / MIB).toFixed(1)}`,
      `kept ${kept}, dumped ${dumped}, evicted ${evicted}, suppressed ${suppressed}, lingering ${lingering}, share ${share}`,
      `queued ${pipeline.logs.queued + pipeline.spans.queued}`,
      `late p99 ${lateMillis.p99.toFixed(1)} ms, max ${lateMillis.max.toFixed(0)}`,
    ].join(' · '),
  )
}

const lostOf = ({ logs, spans }: PipelineStats): number =>
  [logs, spans].flatMap(({ dropped }) => Object.values(dropped)).reduce((sum, count) => sum + count, 0)

announce(`Soak: ${minutes} min at ${perSecond} requests/s of 20 debug lines, 1 of ${failEvery} fails`)
const sink = await startSink()
const register = pathToFileURL(fileURLToPath(new URL('../../dist/register.cjs', import.meta.url))).href
const env = { OTEL_EXPORTER_OTLP_ENDPOINT: sink.url, OTEL_SERVICE_NAME: 'soak', TRACELOG_RECORDER: values.recorder }
const child = fork(fileURLToPath(new URL('server.cjs', import.meta.url)), {
  execArgv: ['--max-semi-space-size=8', '--import', register],
  env: cleanEnv(env),
})
const [{ port }] = (await once(child, 'message')) as [{ port: number }]
const sent: Sent = { good: 0, failed: 0, wrong: 0 }
const samples: Sample[] = []
const heaps: number[] = []
const from = performance.now()
const loading = load(port, from + minutes * 60_000, sent)
const timer = setInterval(() => {
  void ask(child, 'stats').then((report) => {
    const at = (performance.now() - from) / 60_000
    samples.push({ minutes: at, mebibytes: report.memory.rss / MIB })
    heaps.push(report.memory.heapUsed / MIB)
    print(at, report, sent)
  })
}, READ_MILLIS)
await loading
clearInterval(timer)
const last = await ask(child, 'flush')
child.disconnect()
sink.stop()

const line = settled(samples)
const slope = slopeOf(line)
const rise = slope * ((line.at(-1)?.minutes ?? 0) - (line[0]?.minutes ?? 0))
const { logs, spans } = last.pipeline
const half = Math.floor(heaps.length / 2)
const lowest = [heaps.slice(0, half), heaps.slice(half)].map((part) => Math.min(...part).toFixed(1))
const undumped = sent.failed - last.recorder.dumps.level
print(minutes, last, sent)
console.log(
  [
    '',
    `resident memory: ${slope.toFixed(3)} MiB/min from minute ${line[0]?.minutes.toFixed(1)} on, ${rise.toFixed(1)} MiB in all (may be ${values['max-rise']})`,
    `heap in use at its lowest: ${lowest[0]} MiB in the first half, ${lowest[1]} MiB in the second`,
    `records: ${logs.emitted} emitted, ${logs.delivered} delivered; spans: ${spans.emitted} emitted, ${spans.delivered} delivered; lost: ${lostOf(last.pipeline)}`,
    `failures: ${sent.failed}, dumped ${last.recorder.dumps.level}, suppressed ${last.recorder.suppressed}; wrong answers: ${sent.wrong}`,
  ].join('\n'),
)
const isDelivered = logs.delivered === logs.emitted && spans.delivered === spans.emitted
if (rise > Number(values['max-rise']) || !isDelivered || undumped !== 0 || sent.wrong > 0) process.exitCode = 1
