/**
 * Row 2: every end of a process, with every kind of endpoint, in both kinds of modules, with and without a handler of the application's
 * own. The process ends as bare Node does; what is lost is nothing, or said; and the end comes soon.
 *
 * A pull request sees every end, every endpoint, and each pair of them with some kind of module and handler; the whole is each of all.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { startChild, type ChildEnd, type Preload } from '../support/child.ts'
import { slack } from '../support/machine.ts'
import { startReceiver, type Receiver } from '../support/receiver.ts'
import { scaled } from '../support/scale.ts'

const ENDS = ['natural', 'exit0', 'exit3', 'throw', 'reject', 'SIGTERM', 'SIGINT', 'SIGHUP', 'abort'] as const
const SINKS = ['up', 'refused', 'blackhole', '503'] as const
type Sink = (typeof SINKS)[number]
const KINDS = ['cjs', 'mjs'] as const
const HANDLERS = ['none', 'own'] as const

const COUNT = scaled({ pullRequest: 500, full: 10_000 })
/** Of one in how many pairs of end and endpoint beyond the first sink. */
const EVERY = scaled({ pullRequest: 3, full: 1 })
/** How long the end may take longer than on bare Node. Milliseconds. Source: scorecard. */
const DELAY_UP = 300
const DELAY_DOWN = 1_000

interface Case {
  readonly end: (typeof ENDS)[number]
  readonly sink: Sink
  readonly kind: (typeof KINDS)[number]
  readonly handler: (typeof HANDLERS)[number]
}

const ALL: readonly Case[] = ENDS.flatMap((end) =>
  SINKS.flatMap((sink) => KINDS.flatMap((kind) => HANDLERS.map((handler) => ({ end, sink, kind, handler })))),
)

/** Kind and handler take turns over the pairs, so that each value of each is seen. */
function isChosen({ end, sink, kind, handler }: Case): boolean {
  if (EVERY === 1) return true
  const pair = ENDS.indexOf(end) + SINKS.indexOf(sink)
  const isFirst = sink === 'up' || ENDS.indexOf(end) % EVERY === SINKS.indexOf(sink) - 1
  return isFirst && kind === KINDS[pair % 2] && handler === HANDLERS[(pair >> 1) % 2]
}

const CASES = ALL.filter(isChosen)

let sinks: Readonly<Record<Sink, Receiver>>
beforeAll(async () => {
  const [up, refused, blackhole, busy] = await Promise.all(SINKS.map(() => startReceiver()))
  if (up === undefined || refused === undefined || blackhole === undefined || busy === undefined)
    throw new Error('none')
  await refused.close()
  blackhole.fault = { blackhole: true }
  busy.fault = { status: 503 }
  sinks = { up, refused, blackhole, '503': busy }
})
afterAll(() => Promise.all([sinks.up.close(), sinks.blackhole.close(), sinks['503'].close()]))

let runs = 0

interface Ended extends ChildEnd {
  /** From when the program began to end. Milliseconds. */
  readonly endedAfterMillis: number
  readonly run: string
}

async function run({ end, sink, kind, handler }: Case, preload: Preload): Promise<Ended> {
  const name = `end${runs++}`
  const child = startChild(`ends/end.${kind}`, {
    args: [end, handler, name, String(COUNT)],
    preload,
    env: { OTEL_EXPORTER_OTLP_ENDPOINT: sinks[sink].url },
  })
  let exitedAt = 0
  child.process.once('exit', () => (exitedAt = performance.now()))
  await child.prints('ending')
  const since = performance.now()
  const ended = await child.ended
  return { ...ended, endedAfterMillis: exitedAt - since, run: name }
}

/** Without our lines, and without Node's own frames: --import alone changes them. */
function applicationPart(stderr: string): string {
  return stderr.replaceAll(/^ +at .*node:.*\n/gm, '').replaceAll(/^tracelog: .*\n/gm, '')
}

function arrived({ run: name }: Ended): number {
  const bodies = sinks.up.receivedLogs.map(({ record }) => record.body as string)
  return new Set(bodies.filter((body) => typeof body === 'string' && body.startsWith(`${name}-`))).size
}

/** What Node writes of its own crash names addresses and threads. */
const isCrash = ({ end }: Case) => end === 'abort'

test('the pull request sees every end, endpoint, kind and handler', () => {
  for (const key of ['end', 'sink', 'kind', 'handler'] as const) {
    expect(new Set(CASES.map((one) => one[key]))).toEqual(new Set(ALL.map((one) => one[key])))
  }
})

describe.each(SINKS)('endpoint: %s', (sink) => {
  test.each(CASES.filter((one) => one.sink === sink))('$end ($kind, handler: $handler)', async (one) => {
    const [bare, ours] = await Promise.all([run(one, 'none'), run(one, 'import')])
    expect({ code: ours.code, signal: ours.signal, stdout: ours.stdout }).toEqual({
      code: bare.code,
      signal: bare.signal,
      stdout: bare.stdout,
    })
    if (isCrash(one)) return
    const limit = slack(sink === 'up' ? DELAY_UP : DELAY_DOWN)
    const said = ours.stderr.split('\n').filter((line) => line.startsWith('tracelog: '))
    // A rejection or exception is recorded too.
    const dropped = /^tracelog: (\d+) records dropped \(process_end\)/m.exec(ours.stderr)?.[1]
    expect({
      stderr: applicationPart(ours.stderr),
      isSoon: ours.endedAfterMillis - bare.endedAfterMillis <= limit,
      arrived: arrived(ours),
      saidWhatIsLost: Number(dropped ?? 0) >= COUNT,
      said: said.length,
    }).toMatchObject({
      stderr: applicationPart(bare.stderr),
      isSoon: true,
      ...(sink === 'up' ? { arrived: COUNT, said: 0 } : { saidWhatIsLost: true }),
    })
  })
})
