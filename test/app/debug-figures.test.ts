/** TRACELOG_DEBUG=1: the numbers of each lane, while the process runs and when it ends. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { watchFigures } from '../../src/app/debug-figures.ts'
import { recorderLine } from '../../src/app/recorder-line.ts'
import { isAllDelivered, laneLine } from '../../src/export/stats-line.ts'
import { emptyStats, type LaneStats, type PipelineStats } from '../../src/export/pipeline-stats.ts'
import { emptyRecorderStats, type RecorderStats } from '../../src/model/recorder-stats.ts'
import { runChild, startChild } from '../support/child.ts'
import { startReceiver, type Receiver } from '../support/receiver.ts'

const LANE: LaneStats = {
  signal: 'logs',
  lane: 'otlp',
  isPrimary: true,
  endpoint: 'unknown',
  emitted: 10,
  adopted: 0,
  delivered: 10,
  spooled: 0,
  queued: 0,
  dropped: { ...emptyStats().logs.dropped },
  oldestUnsentMillis: null,
}

test.each<[Partial<LaneStats>, string]>([
  [{}, 'logs to otlp: 10 emitted = 10 delivered + 0 spooled + 0 queued + 0 dropped'],
  [
    { adopted: 5, spooled: 5 },
    'logs to otlp: 10 emitted + 5 adopted = 10 delivered + 5 spooled + 0 queued + 0 dropped',
  ],
  [
    {
      delivered: 3,
      queued: 2,
      dropped: { ...LANE.dropped, queue_full: 4, rejected: 1 },
      endpoint: 'down',
      oldestUnsentMillis: 1234,
    },
    'logs to otlp: 10 emitted = 3 delivered + 0 spooled + 2 queued + 5 dropped (4 queue_full, 1 rejected); the oldest waits 1.2 s; endpoint down',
  ],
  [
    { signal: 'spans', lane: 'zipkin', delivered: 4, spooled: 6 },
    'spans to zipkin: 10 emitted = 4 delivered + 6 spooled + 0 queued + 0 dropped',
  ],
])('%j in words', (changed, words) => {
  expect(laneLine({ ...LANE, ...changed })).toBe(words)
})

const NOTHING_KEPT = emptyRecorderStats()
test.each<[Partial<RecorderStats>, string | undefined]>([
  [{}, undefined],
  [
    { kept: 9, dumped: 2, discarded: 3, evicted: 1, dumps: { ...NOTHING_KEPT.dumps, status: 1, level: 2 } },
    'recorder: 9 kept = 2 dumped + 3 discarded + 1 evicted + 3 in memory; dumps: 1 status, 2 level; share all',
  ],
  [
    { passed: 7, suppressed: 2, share: 0.25 },
    'recorder: 0 kept = 0 dumped + 0 discarded + 0 evicted + 0 in memory; 2 dumps too many at once; 7 requests passed over; share 1 of 4',
  ],
])('the flight recorder in words: %j', (changed, words) => {
  expect(recorderLine({ ...NOTHING_KEPT, ...changed })).toBe(words)
})

test('all is delivered when every lane says so', () => {
  expect(isAllDelivered({ ...emptyStats(), lanes: [LANE] })).toBe(true)
  expect(isAllDelivered({ ...emptyStats(), lanes: [LANE, { ...LANE, lane: 'file', delivered: 9 }] })).toBe(false)
})

test('figures are looked at again and again, and only where that is wanted', async () => {
  let looks = 0
  const { promise, resolve } = Promise.withResolvers<void>()
  const stats = (): PipelineStats | undefined => {
    if (++looks === 3) resolve()
    return undefined
  }
  const detached = <T>(run: () => T) => run()
  watchFigures({ isOn: false, stats, detached, everyMillis: 1 }).say()
  expect(looks).toBe(0)
  const figures = watchFigures({ isOn: true, stats, detached, everyMillis: 1 })
  await promise
  figures.stop()
})

describe('a process', () => {
  let receiver: Receiver
  beforeAll(async () => {
    receiver = await startReceiver()
  })
  afterAll(() => receiver.close())

  const figuresOf = (stderr: string) => stderr.split('\n').filter((line) => / emitted = /.test(line))

  test('says at its end what became of all, of each way out that was used', async () => {
    const env = { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, TRACELOG_DEBUG: '1', OTEL_LOGS_EXPORTER: 'otlp,console' }
    const { stderr } = await runChild('extend/spans.cjs', { env })
    expect(figuresOf(stderr)).toEqual([
      'tracelog: spans to otlp: 2 emitted = 2 delivered + 0 spooled + 0 queued + 0 dropped; endpoint up',
    ])
  })

  test('and what was lost, by reason, when nobody answers', async () => {
    const env = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9', TRACELOG_DEBUG: '1' }
    const { stderr } = await runChild('extend/spans.cjs', { env })
    expect(figuresOf(stderr)).toEqual([
      'tracelog: spans to otlp: 2 emitted = 0 delivered + 0 spooled + 0 queued + 2 dropped (2 process_end); endpoint down',
    ])
  })

  test('also by a signal', async () => {
    const child = startChild('preload/server.cjs', {
      env: { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, TRACELOG_DEBUG: '1' },
    })
    await child.prints('\n')
    await (await fetch(`http://127.0.0.1:${child.stdout().trim()}/x`)).text()
    child.kill('SIGTERM')
    const { signal, stderr } = await child.ended
    expect(signal).toBe('SIGTERM')
    expect(figuresOf(stderr).join('\n')).toMatch(
      /spans to otlp: (\d+) emitted = \1 delivered \+ 0 spooled \+ 0 queued \+ 0 dropped/,
    )
  })
})
